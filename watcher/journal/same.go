package journal

import (
	"context"
	"encoding/json"
	"time"
)

// selectSame is told its index: the order asked for would otherwise lead SQLite through the company's whole history.
const selectSame = selectTransfers + `INDEXED BY transfers_hash
  WHERE substr(sha256, 1, 16) IN (SELECT substr(value, 1, 16) FROM json_each(?1)) AND sha256 IN (SELECT value FROM json_each(?1))
  AND company = ?2 AND created_at >= ?3 ORDER BY sequence DESC`

// Same gives the transfers of a company whose content has one of the hashes and that were first seen at a moment or since,
// the newest first.
func (j *Journal) Same(ctx context.Context, company string, since time.Time, sha256 ...string) ([]Transfer, error) {
	hashes, err := json.Marshal(sha256)
	if err != nil {
		return nil, err
	}
	return all(ctx, j, scanTransfer, selectSame, string(hashes), company, nanos(since))
}
