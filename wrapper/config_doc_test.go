package wrapper

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in docs/CONFIG.md")

const configDocument = "../docs/CONFIG.md"

// The document's table is that of the code.
func TestConfigDocument(t *testing.T) {
	data, err := os.ReadFile(configDocument)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	begin := strings.Index(doc, "<!-- keys:")
	end := strings.Index(doc, "<!-- end -->")
	if begin < 0 || end < begin {
		t.Fatal("no <!-- keys: --> ... <!-- end --> in docs/CONFIG.md")
	}
	begin += strings.IndexByte(doc[begin:], '\n') + 1
	if doc[begin:end] == keyTable() {
		return
	}
	if !*update {
		t.Fatal("docs/CONFIG.md is not what the code does; run this test with -update")
	}
	if err := os.WriteFile(configDocument, []byte(doc[:begin]+keyTable()+doc[end:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// keyTable renders the table of keys.
func keyTable() string {
	plain, hermetic := Defaults(), HermeticDefaults()
	var b strings.Builder
	for _, section := range sections {
		fmt.Fprintf(&b, "\n### [%s]\n\n| key | values | default | hermetic | meaning |\n|---|---|---|---|---|\n", section)
		for _, k := range keys {
			if k.section != section {
				continue
			}
			p, h := code(literal(k.get(plain))), code(literal(k.get(hermetic)))
			if h == p {
				h = "same"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.name, k.want, p, h, k.doc)
		}
	}
	b.WriteString(`
### [[plugin]]

| key | values | meaning |
|---|---|---|
| ` + "`name`" + ` | "chroot", "passwd" or "inputs", or any other name with path and sha256 | the policy |
| ` + "`path`" + ` | a string | the program of a plugin that is not built in |
| ` + "`sha256`" + ` | 64 hexadecimal digits | the digest of that program |
| ` + "`config`" + ` | a table | what the plugin makes of it |

`)
	return b.String()
}

func code(s string) string { return "`" + s + "`" }

// The examples of the document are files that feign reads.
func TestConfigDocumentExamples(t *testing.T) {
	data, err := os.ReadFile(configDocument)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(data), "```toml\n")
	for i, part := range parts[1:] {
		text, _, _ := strings.Cut(part, "```")
		c, err := ParseConfig(fmt.Sprintf("example %d", i+1), []byte(text))
		if err != nil {
			t.Error(err)
			continue
		}
		if hermetic := strings.Contains(text, "[action]"); c.hermetic != hermetic {
			t.Errorf("example %d: hermetic = %v", i+1, c.hermetic)
		}
	}
	if len(parts) < 4 {
		t.Errorf("%d examples", len(parts)-1)
	}
}
