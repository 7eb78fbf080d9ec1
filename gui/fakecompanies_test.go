package gui

import (
	"context"

	"postroom/watcher"
)

func (f *fake) PauseCompany(_ context.Context, company string) error {
	return f.note("PauseCompany", company)
}

func (f *fake) ResumeCompany(_ context.Context, company string) error {
	return f.note("ResumeCompany", company)
}

func (f *fake) Forgetting(_ context.Context, company string) (watcher.Forgetting, error) {
	err := f.note("Forgetting", company)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.overview.Companies {
		if c.Name == company {
			return watcher.Forgetting{
				Company: company, Folder: c.Folder, Practice: c.Practice, Connections: len(c.Connections), OnTheirWay: c.Counts.OnTheirWay,
			}, err
		}
	}
	return watcher.Forgetting{}, watcher.ErrNotFound
}

func (f *fake) Forget(_ context.Context, company string, how watcher.ForgetHow) error {
	return f.note("Forget", company, how)
}

func (f *fake) KeepCompany(_ context.Context, company string) error {
	return f.note("KeepCompany", company)
}

func (f *fake) AgentVersion() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version
}

func (f *fake) Pause(context.Context) error { return f.note("Pause") }
