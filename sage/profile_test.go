package sage

import "testing"

func TestTheEmbeddedProfileLoads(t *testing.T) { t.Logf("%+v", DefaultProfile()) }
