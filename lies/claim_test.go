package lies

import "testing"

func TestClaimModes(t *testing.T) {
	var c Claim
	if got := c.ModeOf(0o100644); got != 0o100644 {
		t.Errorf("nothing claimed: %o", got)
	}
	c.SetMode(0o106755)
	if got := c.ModeOf(0o100600); got != 0o106755 {
		t.Errorf("mode claimed: %o", got)
	}
	c.SetType(0o020666, Makedev(1, 3))
	if got := c.ModeOf(0o100600); got != 0o026755 {
		t.Errorf("type claimed too: %o", got)
	}
	c.SetMode(0o600)
	if got := c.ModeOf(0o100600); got != 0o020600 {
		t.Errorf("mode claimed again: %o", got)
	}
}

// TestXattrsAreShared: a claim that was handed out does not change when another one is edited.
func TestXattrsAreShared(t *testing.T) {
	ix := New(Options{})
	key, id := Key{1, 1}, born(1, 1)
	set := func(edit func(*Claim)) { ix.Update(key, id, "", edit) }
	value := []byte("1")
	set(func(c *Claim) { c.SetXattr("user.b", value) })
	value[0] = 'x'
	before, _ := ix.Lookup(key, id, nil)
	set(func(c *Claim) { c.SetXattr("user.b", []byte("2")) })
	set(func(c *Claim) { c.SetXattr("user.a", []byte("3")); c.HideXattr("user.c") })
	if x, ok := before.Xattr("user.b"); !ok || string(x.Value) != "1" || len(before.Xattrs) != 1 {
		t.Errorf("the old claim has changed: %+v", before)
	}
	now, _ := ix.Lookup(key, id, nil)
	if len(now.Xattrs) != 3 || now.Xattrs[0].Name != "user.a" || string(now.Xattrs[1].Value) != "2" || !now.Xattrs[2].Hidden {
		t.Errorf("the new claim: %+v", now)
	}
	set(func(c *Claim) { c.UnclaimXattr("user.a"); c.UnclaimXattr("user.b"); c.UnclaimXattr("user.none") })
	if now, _ := ix.Lookup(key, id, nil); len(now.Xattrs) != 1 {
		t.Errorf("after taking back: %+v", now)
	}
	set(func(c *Claim) { c.UnclaimXattr("user.c") })
	if ix.Len() != 0 || ix.AnyXattr() {
		t.Error("an empty claim was kept")
	}
}
