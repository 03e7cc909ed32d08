#!/usr/bin/perl
# Mail::DKIM behind the requests of dkim_tool.c (which see): record is said to
# it and not asked of it, and Ed25519 it may not know.
#
#	mail_dkim.pl KEYFILE SELECTOR
#
#	record SELECTOR LEN
#	sign SELECTOR HEADER-CANON BODY-CANON - NAMES|- LEN
#	verify LEN
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS::RR;

binmode STDIN;
binmode STDOUT;
$| = 1;
my ($keyfile, $selector) = @ARGV;
my %records;

{
	no warnings 'redefine';
	*Mail::DKIM::DNS::query = sub {
		my ($name, $type) = @_;
		my $text = $records{ lc $name } or return;
		return Net::DNS::RR->new(
			owner => $name,
			type => 'TXT',
			txtdata => [ $text =~ /(.{1,250})/gs ]
		);
	};
}

sub octets {
	my $len = shift;
	my $bytes = '';
	while (length $bytes < $len) {
		read(STDIN, $bytes, $len - length $bytes, length $bytes)
			or die "too few octets\n";
	}
	return $bytes;
}

while (my $line = <STDIN>) {
	chomp $line;
	my ($verb, @rest) = split / /, $line;
	if ($verb eq 'record') {
		$records{"$rest[0]._domainkey.example.com"} = octets($rest[1]);
		next;
	}
	my $message = octets($rest[-1]);
	if ($verb eq 'sign') {
		my $signer = Mail::DKIM::Signer->new(
			Algorithm => 'rsa-sha256',
			Method => "$rest[1]/$rest[2]",
			Domain => 'example.com',
			Selector => $selector,
			KeyFile => $keyfile,
			$rest[4] eq '-' ? () : (Headers => $rest[4]),
		);
		$signer->PRINT($message);
		$signer->CLOSE;
		my $field = $signer->signature->as_string . "\r\n";
		print length($field), "\n", $field;
	}
	if ($verb eq 'verify') {
		my $verifier = Mail::DKIM::Verifier->new;
		my $result = eval {
			$verifier->PRINT($message);
			$verifier->CLOSE;
			$verifier->result;
		};
		print defined $result ? "$result\n" : "died\n";
	}
}
