# The driver of a live session for SQL, in perl, which every root has. docs/session-drivers.md has the protocol: commands come from descriptor 100,
# records go to 101. A cell is run by the sqlite3 shell, one process each, over one database, session.db: what is in it stays, and what belongs to a
# connection (temporary tables, an open transaction, .mode) ends with its cell. The rows of its last statement are the cell's result.
package Nestbox;
use strict;
use warnings;
use POSIX ();
require "./session_channel.pl";

our ($RECORD, $TEXT, $ROWS, $running);
my ($asked, $child, @kept) = (0, 0);
my $file = "/tmp/cell.sql";

# A SIGINT: for the statement that runs, if an `interrupt` for the cell has come; other records wait until the cell is done.
sub interrupt {
    return unless defined $running;
    while (1) {
        vec(my $ready = "", 100, 1) = 1;
        last unless select($ready, undef, undef, 0) > 0;
        my $record = receive();
        if ($record->{type} ne "interrupt") { push @kept, $record }
        elsif ($record->{id} eq $running) { $asked = 1 }
    }
    kill INT => $child if $asked && $child;
}

# Runs the shell over a text and gives each line it prints to a function. Returns its exit status and what it said on stderr.
sub shell {
    my ($code, $line, @options) = @_;
    open my $out, ">", $file or die "$file: $!";
    print $out $code, "\n;\n";
    close $out;
    pipe my $stdout, my $writer or die "pipe: $!";
    pipe my $stderr, my $complaints or die "pipe: $!";
    $child = fork // die "fork: $!";
    if (!$child) {
        setpgrp; # SIGINT goes to it through `interrupt` only.
        $SIG{INT} = "DEFAULT";
        open STDOUT, ">&", $writer;
        open STDERR, ">&", $complaints;
        exec "sqlite3", "-batch", "-bail", "-cmd", ".mode json", @options, "session.db", ".read $file" or POSIX::_exit(127);
    }
    close $writer;
    close $complaints;
    my ($text, $said, %open) = ("", "", (fileno $stdout, $stdout, fileno $stderr, $stderr));
    while (%open) {
        my $ready = "";
        vec($ready, $_, 1) = 1 for keys %open;
        next if select($ready, undef, undef, undef) <= 0;
        for my $number (grep { vec $ready, $_, 1 } keys %open) {
            my $count = sysread $open{$number}, my $part, 1 << 16;
            next if !defined $count && $!{EINTR};
            if (!$count) { delete $open{$number}; next }
            if ($number == fileno $stderr) { $said .= $part if length $said < $TEXT; next }
            $text .= $part;
            $line->($1) while $text =~ s/\A([^\n]*\n)//;
        }
    }
    $line->($text) if $text ne "";
    waitpid $child, 0;
    my $status = $?;
    $child = 0;
    unlink $file;
    return ($status, $said);
}

# --- Cells

# Objects of JSON with their members in order, as sqlite3 prints rows.
sub rows {
    local $_ = shift;
    my @rows;
    while (/\G[\[,\s]*\{/gc) {
        my @row;
        push @row, value(), (/\G:/gc, value())[-1] while !/\G\}/gc && (/\G,/gc || 1);
        push @rows, \@row;
    }
    return @rows;
}

sub width { my $copy = shift; utf8::decode($copy); length $copy }

sub table {
    my @rows = @_;
    my @names = map { $rows[0][2 * $_] } 0 .. $#{$rows[0]} / 2;
    my @cells = ([@names], map { my $row = $_; [map { my $cell = $row->[2 * $_ + 1] // ""; $cell =~ s/\n/ /g; $cell } 0 .. $#names] } @rows);
    my @widths = map { my $column = $_; (sort { $b <=> $a } map { width($_->[$column]) } @cells)[0] } 0 .. $#names;
    my @lines = map { my $row = $_; join "  ", map { $row->[$_] . " " x ($widths[$_] - width($row->[$_])) } 0 .. $#names } @cells;
    splice @lines, 1, 0, join "  ", map { "-" x $_ } @widths;
    s/ +\z// for @lines;
    my $html = join "", map { my ($row, $tag) = ($cells[$_], $_ ? "td" : "th"); "<tr>" . join("", map { my $cell = $_; $cell =~ s/&/&amp;/g; $cell =~ s/</&lt;/g; "<$tag>$cell</$tag>" } @$row) . "</tr>" } 0 .. $#cells;
    return (join("\n", @lines), "<table>$html</table>");
}

sub execute {
    my $record = shift;
    my $id = $running = $record->{id};
    my ($held, $inside, $status) = ("", 0, "ok");
    $asked = 0;
    my $show = sub { # What was held back: more follows, so that it is no result.
        return if $held eq "";
        print $inside == 2 ? ((table(rows($held)))[0], "\n") : $held;
        ($held, $inside) = ("", 0);
    };
    my ($code, $said) = shell($record->{code}, sub {
        my $line = shift;
        $show->() if $inside != 1;
        if (!$inside && $line !~ /\A\[\{"/) { print $line; return }
        ($held, $inside) = ($held . $line, $line =~ /\}\]\n?\z/ ? 2 : 1);
        print($held), ($held, $inside) = ("", 0) if length $held > $RECORD / 2; # As it comes: nobody could hold it.
    });
    if ($inside == 2 && !$code && !$record->{silent}) {
        my ($text, $html) = table(rows($held));
        $held =~ s/\s+\z//;
        my @fields = (type => "result", id => $id, repr => cut($text, $TEXT), truncated => true(length $text > $TEXT));
        push @fields, value => \$held if length $held <= $TEXT;
        push @fields, data => \object("text/html" => $html) if length $html < $RECORD / 2;
        say_(@fields);
    }
    else { $show->() }
    if ($asked || $code) {
        $status = $asked ? "interrupted" : "error";
        $said =~ s/\s+\z//;
        my $name = $asked ? "Interrupted" : $said =~ /\A(\w+ error)/ ? $1 : "error";
        my @lines = map { quote(cut($_, 600)) } (split /\n/, $said)[0 .. 20];
        splice @lines, scalar(my @all = split /\n/, $said) if @lines > (my @count = split /\n/, $said);
        say_(type => "error", id => $id, exception => $name, message => cut($asked ? "the cell was interrupted" : (split /\n/, $said)[0] // "exit status " . ($code >> 8), 8000), traceback => \("[" . join(",", @lines) . "]"));
    }
    else { print STDERR $said }
    undef $running;
    say_(type => "done", id => $id, status => $status);
}

# --- Questions, while no cell runs

my @words = qw(ABORT ADD ALTER ANALYZE AND AS ASC ATTACH BEGIN BETWEEN BY CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS DEFAULT
    DELETE DESC DETACH DISTINCT DROP ELSE END ESCAPE EXCEPT EXISTS EXPLAIN FOREIGN FROM FULL GLOB GROUP HAVING IF IN INDEX INNER INSERT INTERSECT INTO IS
    JOIN KEY LEFT LIKE LIMIT MATCH NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION PRAGMA PRIMARY RECURSIVE REFERENCES RENAME REPLACE RETURNING ROLLBACK
    SELECT SET TABLE TEMPORARY THEN TRANSACTION TRIGGER UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT);

sub ask_ {
    my $text = "";
    shell($_[0], sub { $text .= $_[0] if length $text < $RECORD }, "-readonly");
    return map { my @row = @$_; [@row[map { 2 * $_ + 1 } 0 .. $#row / 2]] } rows($text);
}

sub before { my ($code, $cursor) = @_; utf8::decode($code); my $text = substr $code, 0, $cursor; utf8::encode($text); $text }

sub complete {
    my $record = shift;
    my ($prefix) = before($record->{code}, $record->{cursor}) =~ /(\w*)\z/;
    my %found = map { (($prefix =~ /[a-z]/ ? lc : $_) => "keyword") } @words;
    $found{$_->[0]} = $_->[1] for ask_("select name, type from sqlite_master union select p.name, 'column' from sqlite_master m, pragma_table_info(m.name) p where m.type in ('table', 'view')");
    my @names = grep { /^\w+$/ && index(lc, lc $prefix) == 0 } sort keys %found;
    splice @names, $ROWS if @names > $ROWS;
    my $start = $record->{cursor} - length $prefix;
    return (matches => \("[" . join(",", map { object(text => $_, type => $found{$_}) } @names) . "]"), start => \$start, end => \$record->{cursor});
}

sub inspect {
    my $record = shift;
    my $before = before($record->{code}, $record->{cursor});
    my ($name) = ($before . (substr($record->{code}, length $before) =~ /^(\w+)/ ? $1 : "")) =~ /(\w+)\z/ or return (found => \"false", data => \"{}");
    my ($row) = ask_("select sql from sqlite_master where lower(name) = lower('$name')");
    return $row ? (found => \"true", data => \object("text/plain" => cut($row->[0] // "", $TEXT))) : (found => \"false", data => \"{}");
}

sub is_complete {
    my $code = $_[0]{code};
    $code =~ s/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*.*?\*\// /gs;
    $code =~ s/\s+\z//;
    my $open = $code =~ /['"]|\/\*/ || ($code !~ /;\z/ && $code !~ /(?:\A|\n)\.[^\n]*\z/ && $code ne "") || ($code =~ /\btrigger\b/i && $code !~ /\bend\s*;\z/i);
    return (status => $open ? "incomplete" : "complete", indent => "");
}

sub variables {
    my @rows = ask_("select m.name, m.type, (select group_concat(p.name || ' ' || p.type, ', ') from pragma_table_info(m.name) p) from sqlite_master m where m.type in ('table', 'view') and m.name not like 'sqlite_%' limit $ROWS");
    return (variables => \("[" . join(",", map { object(name => cut($_->[0], 200), type => $_->[1], repr => cut($_->[2] // "", 200)) } @rows) . "]"));
}

# --- The state is in session.db, which the service keeps with the other files of /box: the file that it asks for says nothing.

sub save {
    open my $file, ">", $_[0]{file} or die "$_[0]{file}: $!";
    return (ok => \"true", lost => \"[]");
}

sub load {
    unlink $_[0]{file} or die "$_[0]{file}: $!";
    return (ok => \"true", lost => \"[]");
}

unlink $0, "session_channel.pl"; # Nobody needs them any more, and a cell should find its folder empty.
$SIG{INT} = \&interrupt;
$| = 1;
open_channel();
my %questions = (complete => \&complete, inspect => \&inspect, is_complete => \&is_complete, variables => \&variables, save => \&save, load => \&load);
my ($version) = `sqlite3 --version` =~ /^(\S+)/;
say_(type => "ready", protocol => \1, language => "sqlite", version => $version, features => \'["complete","inspect","is_complete","variables","interrupt","rich","save"]');
while (1) {
    my $record = @kept ? shift @kept : receive();
    my $type = $record->{type};
    if ($type eq "execute") { execute($record) }
    elsif ($type ne "interrupt") {
        my @fields = $questions{$type} ? eval { $questions{$type}->($record) } : (error => "unknown type");
        @fields = ($type =~ /save|load/ ? (ok => \"false") : (), error => cut($@, 500)) if $@ ne "";
        say_(type => "answer", id => $record->{id}, @fields);
    }
}
