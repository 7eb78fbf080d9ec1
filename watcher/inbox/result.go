package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// ResultSource is a result to be laid down.
type ResultSource struct {
	Path     string // where to: Results and a name of disk.Names.Free, recorded by the caller before
	Scope    string // of the file it belongs to
	Contract string
	Fetch    Fetch
}

// Result is a result that has been laid down.
type Result struct {
	Path    string // "Inbox/results/november.result.json"
	Size    int64
	SHA256  string
	Records int
	Refused int              // records whose status is not acceptance, or that have errors
	Problem *journal.Problem // it does not match its contract; nil when it does
}

// resultWrappers are the names under which a result may hold its records, beside the scope's and the general ones.
var resultWrappers = []string{"results", "orderResults", "records"}

// LayResult fetches a result and lays it down. fs.ErrExist when another file has taken the name: record another one.
// A result that is there already, the same to the byte, is taken as laid down.
func (b *Inbox) LayResult(ctx context.Context, source ResultSource) (Result, error) {
	full, err := b.within(Results, source.Path)
	if err != nil {
		return Result{}, fmt.Errorf("laying down a result: %w", err)
	}
	if err := b.ensure(Results); err != nil {
		return Result{}, err
	}
	got, err := b.fetch(ctx, full, source.Fetch)
	if err != nil {
		return Result{}, fmt.Errorf("fetching %s: %w", source.Path, err)
	}
	result, err := b.layResult(ctx, source, full, got)
	return result, errors.Join(err, got.Close())
}

func (b *Inbox) layResult(ctx context.Context, source ResultSource, full string, got *arrived) (Result, error) {
	result := Result{Path: source.Path, Size: got.size, SHA256: got.sum}
	report, err := b.options.Checker.Check(ctx, got.Reader(), source.Contract, append([]string{source.Scope}, resultWrappers...)...)
	if err != nil {
		return Result{}, fmt.Errorf("checking %s: %w", source.Path, err)
	}
	result.Problem = mismatch(codeResult, report)
	for outcome, err := range outcomes(ctx, got.Reader()) {
		if err != nil {
			if ctx.Err() != nil {
				return Result{}, ctx.Err()
			}
			break // the check has said why; what could be read is counted
		}
		result.Records++
		if !outcome.Accepted {
			result.Refused++
		}
	}
	err = got.Move(full)
	if errors.Is(err, fs.ErrExist) {
		same, readErr := b.holds(full, got)
		if readErr != nil {
			return Result{}, readErr
		}
		if same {
			err = nil
		}
	}
	return result, err
}

// Outcomes reads what a result says of each record. The sequence ends after its first error.
func (b *Inbox) Outcomes(ctx context.Context, resultPath string) iter.Seq2[contract.Outcome, error] {
	return func(yield func(contract.Outcome, error) bool) {
		full, err := b.within(Results, resultPath)
		var f disk.File
		if err == nil {
			f, err = b.fsys.Open(full)
		}
		if err != nil {
			yield(contract.Outcome{}, fmt.Errorf("reading a result: %w", err))
			return
		}
		defer f.Close()
		for outcome, err := range outcomes(ctx, f) {
			if !yield(outcome, err) {
				return
			}
		}
	}
}

// outcomes reads a result until the context ends.
func outcomes(ctx context.Context, r io.Reader) iter.Seq2[contract.Outcome, error] {
	return func(yield func(contract.Outcome, error) bool) {
		for outcome, err := range contract.Outcomes(r) { //nolint:contextcheck // it reads, and asks nobody
			if err == nil {
				err = ctx.Err()
			}
			if !yield(outcome, err) || err != nil {
				return
			}
		}
	}
}

// mismatch is the mark of a file from Sage that is not as its contract wants it.
func mismatch(code string, report contract.Report) *journal.Problem {
	if report.Problem == nil {
		return nil
	}
	args := report.Problem.Args()
	args["reason"] = string(report.Problem.Code)
	return &journal.Problem{Code: code, Args: args}
}
