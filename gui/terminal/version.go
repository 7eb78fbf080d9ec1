package terminal

import (
	"runtime"

	"github.com/spf13/cobra"
)

func (c *console) versionCommand() *cobra.Command {
	return c.command("version", func(*cobra.Command, []string) error {
		return c.result(struct {
			Version string `json:"version"`
			Go      string `json:"go"`
			System  string `json:"system"`
			Window  bool   `json:"window"`
		}{c.parts.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, c.parts.Window != nil},
			"postroom "+c.parts.Version)
	})
}
