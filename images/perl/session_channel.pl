# What drivers in perl share: JSON, texts of a bounded size, the channel. docs/session-drivers.md has the protocol. POSIX is loaded late, since
# the driver of perl itself does without.
package Nestbox;
use strict;
use warnings;
use Fcntl ();

our ($RECORD, $TEXT, $ROWS) = (1 << 20, 64 << 10, 200);
our $owner = $$; # Whoever has another pid is a child: it never answers. A process that takes over says so here.
our $running; # The id of the cell that runs.
our ($inside, $late); # Within a record; an interrupt came there, which waits for its end: half of one would end the session.

# Without its channel the session is over. Says so where a person may see it.
sub lost {
    return if $$ != $owner;
    syswrite STDERR, "session: $_[0]\n";
    undef $running;
    require POSIX;
    POSIX::_exit(70);
}

# --- JSON. Numbers, true and false do not matter in commands: all are plain scalars.

sub decode { local $_ = shift; return value() }

sub value {
    /\G\s+/gc;
    if (/\G"((?:[^"\\]++|\\.)*+)"/gcs) {
        my $text = $1;
        $text =~ s{\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)}{chars(0x10000 + ((hex($1) & 1023) << 10) + (hex($2) & 1023))}ge;
        $text =~ s{\\(?:u([0-9a-fA-F]{4})|(.))}{defined $1 ? chars(hex $1) : {b => "\b", f => "\f", n => "\n", r => "\r", t => "\t"}->{$2} // $2}gse;
        return $text;
    }
    if (/\G\{\s*/gc) {
        my %object;
        until (/\G\s*\}/gc) {
            /\G\s*,/gc;
            my $name = value();
            /\G\s*:/gc or die "no colon";
            $object{$name} = value();
        }
        return \%object;
    }
    if (/\G\[\s*/gc) {
        my @list;
        until (/\G\s*\]/gc) { /\G\s*,/gc; push @list, value() }
        return \@list;
    }
    return $1 eq "null" ? undef : $1 eq "false" ? 0 : $1 eq "true" ? 1 : $1 if /\G([-+.\w]+)/gc;
    die "no value";
}

sub chars { my $text = chr shift; utf8::encode($text); $text }

# A string as UTF-8: what is no UTF-8 is taken for Latin-1.
sub bytes {
    my $text = "$_[0]";
    return utf8::encode($text), $text if utf8::is_utf8($text);
    my $copy = $text;
    utf8::upgrade($text), utf8::encode($text) unless utf8::decode($copy);
    return $text;
}

my %escape = ("\"" => "\\\"", "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r", "\t" => "\\t");

sub quote {
    my $text = (bytes($_[0]))[-1];
    $text =~ s/([\x00-\x1f"\\])/$escape{$1} \/\/ sprintf "\\u%04x", ord $1/ge;
    return "\"$text\"";
}

# Pairs of names and values, which are JSON already where they are references to strings.
sub object {
    my @parts;
    while (my ($name, $value) = splice @_, 0, 2) { push @parts, quote($name) . ":" . (ref $value ? $$value : quote($value)) }
    return "{" . join(",", @parts) . "}";
}

sub true { \($_[0] ? "true" : "false") }

# At most so many bytes, by whole characters.
sub cut {
    my ($text, $limit) = ((bytes($_[0]))[-1], $_[1]);
    return $text if length $text <= $limit;
    $text = substr $text, 0, $limit;
    $text =~ s/[\xc0-\xff][\x80-\xbf]*\z//;
    return $text;
}

# --- The channel

sub say_ {
    return if $$ != $owner;
    my $data = object(@_);
    die "record too large" if length $data > $RECORD;
    $data = pack("N", length $data) . $data;
    $inside = 1;
    for (my $sent = 0; $sent < length $data;) {
        my $count = syswrite OUT, $data, length($data) - $sent, $sent;
        defined $count or $!{EINTR} or lost("channel: $!");
        $sent += $count // 0;
    }
    $inside = 0;
    $late = 0, interrupt() if $late;
}

sub exactly {
    my ($size, $data) = (shift, "");
    while (length $data < $size) {
        my $count = sysread IN, $data, $size - length $data, length $data;
        next if !defined $count && $!{EINTR};
        lost("channel: $!") if !defined $count;
        undef $running, exit 0 if !$count; # The service is gone or has closed the session.
    }
    return $data;
}

sub receive {
    my $size = unpack "N", exactly(4);
    lost("channel: record too large") if $size > $RECORD;
    return decode(exactly($size));
}

# Programs that cells start have no business with the channel.
sub open_channel {
    open IN, "<&=", 100 or die "commands: $!";
    open OUT, ">&=", 101 or die "records: $!";
    fcntl $_, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC() for *IN, *OUT;
}

1;
