package doctor_test

import (
	"fmt"
	"os"

	"github.com/feign-build/feign/wrapper/doctor"
)

func Example() {
	report := doctor.Judge(doctor.Collect())
	for _, f := range report.Findings {
		if f.State == doctor.Fatal {
			fmt.Fprintf(os.Stderr, "%s: %s (%s)\n", f.Name, f.Found, f.Remedy)
		}
	}
}
