package terminal

import (
	"context"
	"slices"
	"strings"

	"postroom/watcher"
)

// companies are the names of the connected companies, in the order of the window.
func companies(overview watcher.Overview) []string {
	names := make([]string, 0, len(overview.Companies))
	for _, company := range overview.Companies {
		names = append(names, company.Name)
	}
	return names
}

// companyNamed is the company that a person means, as it is written where it was connected. Without a name it is the only
// one there is.
func (c *console) companyNamed(ctx context.Context, e engine, name string) (string, error) {
	overview, err := e.Overview(ctx)
	if err != nil {
		return "", err
	}
	known := companies(overview)
	switch {
	case len(known) == 0:
		return "", toldError{c.words.Say("cmd.company.none"), watcher.ErrNotFound}
	case name == "" && len(known) == 1:
		return known[0], nil
	case name == "":
		return "", usageError{c.words.Say("cmd.company.which", map[string]any{"companies": strings.Join(known, ", ")})}
	}
	same := func(other string) bool { return strings.EqualFold(other, name) }
	if i := slices.IndexFunc(known, same); i >= 0 {
		return known[i], nil
	}
	return "", toldError{
		c.words.Say("cmd.company.unknown", map[string]any{"name": name, "companies": strings.Join(known, ", ")}), watcher.ErrNotFound,
	}
}

// connectionsOf are the connections of a company, or the one of a domain.
func (c *console) connectionsOf(ctx context.Context, e engine, company, domain string) ([]watcher.Connection, error) {
	company, err := c.companyNamed(ctx, e, company)
	if err != nil {
		return nil, err
	}
	all, err := e.Connections(ctx)
	if err != nil {
		return nil, err
	}
	of := slices.DeleteFunc(all, func(one watcher.Connection) bool {
		return one.Company != company || domain != "" && one.Domain != domain
	})
	if len(of) == 0 {
		return nil, toldError{
			c.words.Say("cmd.connection.none", map[string]any{"company": company, "domain": domain}), watcher.ErrNotFound,
		}
	}
	return of, nil
}

// connectionOf is the one connection that a person means.
func (c *console) connectionOf(ctx context.Context, e engine, company, domain string) (watcher.Connection, error) {
	of, err := c.connectionsOf(ctx, e, company, domain)
	if err != nil {
		return watcher.Connection{}, err
	}
	if len(of) > 1 {
		domains := make([]string, len(of))
		for i, one := range of {
			domains[i] = one.Domain
		}
		return watcher.Connection{}, usageError{
			c.words.Say("cmd.connection.which", map[string]any{"company": of[0].Company, "domains": strings.Join(domains, ", ")}),
		}
	}
	return of[0], nil
}
