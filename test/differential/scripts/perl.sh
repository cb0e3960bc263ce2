# needs: perl
perl -e '
use Fcntl ":mode"; $| = 1;
sub show { for (@_) { my @s = lstat or do { print "$_: $!\n"; next }; printf "%s %06o %d:%d %d\n", $_, @s[2, 4, 5, 3] } }
open F, ">f"; close F; chown 1, 2, "f"; chmod 06711, "f"; show("f");
mkdir "d", 02777; show("d"); symlink "f", "l"; link "f", "g"; show("l", "g");
print "$< $> ", join(" ", (split " ", $()[0], (split " ", $))[0]), "\n";
for my $op (qw(r w x o R W X O u g k f d p c)) { print $op if eval "-$op q(f)" } print "\n";
rename "f", "d/f"; unlink "g"; show("f", "g", "d/f");
$) = "5 6"; $> = 1000; print "$< $> $)\n"; open(F, ">d/x") ? show("d/x") : print "open: $!\n";
open(F, ">y") or print "open: $!\n"; $> = 0; chmod 0, "d/f"; open(F, "<d/f") and print "opened\n";
$< = $> = 1000; print "$< $>\n"; open(F, "<d/f") or print "open: $!\n"; $> = 0; print "$>\n";'
