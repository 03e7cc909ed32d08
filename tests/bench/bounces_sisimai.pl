# bounces_sisimai.pl FOLDER TIMES: the same folder by Sisimai.
use strict;
use warnings;
use Sisimai;

my ($folder, $times) = @ARGV;
my $found = 0;
for (1 .. $times) {
	# "make" up to version 4, "rise" from 5 on.
	my $list = Sisimai->can('rise') ? Sisimai->rise($folder)
					: Sisimai->make($folder);
	$found += scalar @{ $list || [] };
}
print "$found recipients\n";
exit($found == 0);
