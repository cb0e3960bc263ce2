package main

import "github.com/feign-build/feign/wrapper/doctor"

// cmdDoctor tells whether actions can be run here. Its exit status is the report's: 0, 1 with losses, 125.
func cmdDoctor(c *cli, args []string) (int, error) {
	f := c.newFlags("doctor")
	asJSON := f.Bool("json", false, "print the report as a JSON object")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	if f.NArg() > 0 {
		return 0, usageError("doctor takes no arguments", "feign help doctor")
	}
	report := doctor.Judge(doctor.Collect())
	if *asJSON {
		return report.Status, report.WriteJSON(c.stdout)
	}
	return report.Status, report.WriteTable(c.stdout)
}
