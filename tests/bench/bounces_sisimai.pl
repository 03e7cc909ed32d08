# bounces_sisimai.pl FOLDER: the same folder by Sisimai.
use strict;
use warnings;
use Sisimai;

my ($folder) = @ARGV;
# "make" up to version 4, "rise" from 5 on.
my $list = Sisimai->can('rise') ? Sisimai->rise($folder)
				: Sisimai->make($folder);
my $found = scalar @{ $list || [] };
print "$found recipients\n";
exit($found == 0);
