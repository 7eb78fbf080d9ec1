package outbox

import (
	"container/heap"
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// look looks at one name.
func (w *Watcher) look(d *folder, name string) {
	info, err := w.options.FS.Lstat(filepath.Join(d.full, name))
	w.see(d, name, info, err)
}

// see takes in what a look saw.
func (w *Watcher) see(d *folder, name string, info disk.Info, err error) {
	f := d.files[name]
	now := w.now()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if f != nil {
			w.act(d, name, f, f.absent(now, w.pace))
		}
		return
	case err == nil && info.Hidden && (f == nil || !f.hasTold):
		d.drop(w, name)
		return
	}
	if f == nil && err == nil && w.spelt(d, name, info) {
		return
	}
	if f == nil {
		f = &file{}
		d.files[name] = f
		d.forms.add(name)
	}
	if err != nil {
		w.difficult(d, name, f, err)
		return
	}
	act := f.look(now, markOf(info), trusted(info, w.options.Now(), d.remote), w.pace)
	w.explain(d, name, f)
	w.act(d, name, f, act)
}

// act does what was decided about a file.
func (w *Watcher) act(d *folder, name string, f *file, a action) {
	switch a {
	case again:
		w.dues.add(f.due, d, name)
	case check:
		d.ready = append(d.ready, name)
	case tellGone:
		w.found = append(w.found, telling{folder: d, name: name, mark: f.told, finding: Finding{
			Kind: Gone, Path: path.Join(d.path, name), Scope: d.scopeName(),
			Info: disk.Info{Size: f.told.size, ModTime: time.Unix(0, f.told.modTime), Identity: f.told.identity},
		}})
	case forget:
		d.drop(w, name)
	case nothing, tell: // a look never tells: only a check has what there is to tell
	}
}

func (w *Watcher) difficult(d *folder, name string, f *file, err error) {
	w.log.Info("a file in Outbox cannot be looked at", "folder", d.full, "file", name, "error", err)
	act := f.failed(w.now())
	w.explainAs(d, name, f, codeUnreadable)
	w.act(d, name, f, act)
}

// lookDue looks at the files whose time has come.
func (w *Watcher) lookDue() {
	if w.gone != nil {
		return
	}
	for {
		d, name, ok := w.dues.next(w.now())
		if !ok {
			return
		}
		if w.folder(d.path) == d {
			w.look(d, name)
		}
	}
}

func (d *folder) scopeName() string {
	if d.scope == nil {
		return ""
	}
	return d.scope.Name
}

// largeFile is from what size on a file is read beside the others of its folder, which need not wait for it then.
const largeFile = 4 << 20

// batch is how many files a reader takes at a time.
const batch = 64

// reader is the one goroutine that reads large files, when there are any.
type reader struct {
	ready   []job
	reading bool
}

// job is one file to be read.
type job struct {
	folder *folder
	name   string
	full   string
	mark   mark
	scope  *Scope  // nil: to be found
	scopes []Scope // to be found among these
}

// result is what became of a job. The last of a reader's says so.
type result struct {
	job
	verdict verdict
	large   bool
	last    bool
}

// read hands settled files to the readers: one goroutine a folder, which keeps their order, and one for large files.
func (w *Watcher) read(ctx context.Context) {
	var scopes []Scope
	for _, d := range w.folders[1:] {
		scopes = append(scopes, *d.scope)
	}
	for _, d := range w.folders {
		if d.reading || len(d.ready) == 0 {
			continue
		}
		jobs := w.jobs(d, scopes)
		if len(jobs) > 0 {
			d.reading = true
			w.readers.Go(func() { w.readAll(ctx, jobs, false) })
		}
	}
	if !w.large.reading && len(w.large.ready) > 0 {
		jobs := w.large.ready[:1:1]
		w.large.ready = w.large.ready[1:]
		w.large.reading = true
		w.readers.Go(func() { w.readAll(ctx, jobs, true) })
	}
}

// jobs takes a batch from a folder's queue, leaving out what has changed since.
func (w *Watcher) jobs(d *folder, scopes []Scope) []job {
	var jobs []job
	for len(d.ready) > 0 && len(jobs) < batch {
		name := d.ready[0]
		d.ready = d.ready[1:]
		f := d.files[name]
		if f == nil || f.stage != checking {
			continue
		}
		j := job{folder: d, name: name, full: filepath.Join(d.full, name), mark: f.mark, scope: d.scope, scopes: scopes}
		if f.mark.size >= largeFile {
			w.large.ready = append(w.large.ready, j)
			continue
		}
		jobs = append(jobs, j)
	}
	if len(d.ready) == 0 {
		d.ready = nil
	}
	return jobs
}

func (w *Watcher) readAll(ctx context.Context, jobs []job, large bool) {
	for i, j := range jobs {
		v := judge(ctx, w.options.FS, w.options.Checker, j.full, j.scope, j.scopes)
		w.mail.post(func(m *mail) {
			m.results = append(m.results, result{job: j, verdict: v, large: large, last: i == len(jobs)-1})
		})
	}
}

// judge takes in what a reader found.
func (w *Watcher) judge(r result) {
	d := r.folder
	switch {
	case r.last && r.large:
		w.large.reading = false
	case r.last:
		d.reading = false
	}
	f := d.files[r.name]
	if f == nil || w.folder(d.path) != d {
		return
	}
	if r.verdict.err != nil && r.verdict.class == unreadable {
		w.log.Info("a file in Outbox cannot be read", "file", r.full, "error", r.verdict.err)
	}
	m := r.mark
	if r.verdict.err == nil && r.verdict.class != moved && markOf(r.verdict.info) != m {
		r.verdict.class = moved // it changed between the look and the reading
	}
	act := f.judged(w.now(), m, r.verdict, w.pace)
	if act == tell {
		w.found = append(w.found, telling{folder: d, name: r.name, mark: m, finding: findingOf(d, r)})
		return
	}
	w.explainHeld(d, r.name, f, r.verdict)
	w.act(d, r.name, f, act)
}

func findingOf(d *folder, r result) Finding {
	v := r.verdict
	found := Finding{
		Path: path.Join(d.path, r.name), Scope: v.scope, Info: v.info,
		SHA256: v.report.SHA256, Records: v.report.Records, Report: v.report,
	}
	switch v.class {
	case fine:
		found.Kind = Settled
	case unclear:
		found.Kind, found.Scope = Unclear, ""
	default:
		found.Kind = Unsendable
		if d.scope != nil {
			found.Scope = d.scope.Name
		}
		found.Problem = &journal.Problem{Code: string(v.report.Problem.Code), Args: v.report.Problem.Args()}
	}
	return found
}

// dues are the looks to come, by time and then in the order in which they were decided.
type dues struct {
	list dueList
	n    uint64
}

type due struct {
	at     moment
	n      uint64
	folder *folder
	name   string
}

func (q *dues) add(at moment, d *folder, name string) {
	q.n++
	heap.Push(&q.list, due{at: at, n: q.n, folder: d, name: name})
}

func (q *dues) first() moment {
	if len(q.list) == 0 {
		return never
	}
	return q.list[0].at
}

// next takes a look whose time has come and that is still wanted.
func (q *dues) next(now moment) (*folder, string, bool) {
	for len(q.list) > 0 && q.list[0].at <= now {
		e, _ := heap.Pop(&q.list).(due)
		if f := e.folder.files[e.name]; f != nil && f.due == e.at {
			return e.folder, e.name, true
		}
	}
	return nil, "", false
}

type dueList []due

func (l dueList) Len() int { return len(l) }
func (l dueList) Less(i, j int) bool {
	return l[i].at < l[j].at || l[i].at == l[j].at && l[i].n < l[j].n
}
func (l dueList) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *dueList) Push(x any)   { *l = append(*l, x.(due)) } //nolint:forcetypeassert // container/heap's way
func (l *dueList) Pop() any {
	old := *l
	e := old[len(old)-1]
	*l = old[:len(old)-1]
	return e
}
