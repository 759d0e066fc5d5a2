# The driver of a live session for Perl. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
#
# A cell is evaluated in package main. `my` at the beginning of a line becomes `our`, or the variable would be gone with the cell; what
# `use strict`, `use warnings` and `use feature` ask for holds for the cells that follow. A cell's value is that of its last expression, if no `;`
# follows. Text is bytes of UTF-8 here, as a program's source is.
package Nestbox;
require "./session_channel.pl";

our ($RECORD, $TEXT, $ROWS, $running);
my $CHECKPOINTS = 16;
my ($asked, $current, @kept, $keeper, @told, @asks, @channel, %initial, $leaving);
my ($hints, $warnings, %hints);
my @trace;

# A SIGINT. It counts if an `interrupt` for the running cell has come; other records wait until the cell is done.
sub interrupt {
    die bless({}, "Interrupted") if $$ != $Nestbox::owner;
    return unless defined $running;
    return $Nestbox::late = 1 if $Nestbox::inside;
    while (1) {
        vec(my $ready = "", 100, 1) = 1;
        last unless select($ready, undef, undef, 0) > 0;
        my $record = receive();
        if ($record->{type} ne "interrupt") { push @kept, $record }
        elsif ($record->{id} eq $running) { $asked = 1 }
    }
    die bless({}, "Interrupted") if $asked;
}

# --- Cells

sub execute {
    my ($record, $status, @value) = (shift, "ok");
    my $id = $record->{id};
    ($asked, @trace) = ();
    $Nestbox::late = 0;
    my $code = $record->{code};
    $code =~ s/^((?!\s)[^\n{}]*?(?:(?:(?<=;)|(?<=; ))|^))my(?=\s*[\$\@%(])/$1our/m while $code =~ /^((?!\s)[^\n{}]*?(?:(?:(?<=;)|(?<=; ))|^))my(?=\s*[\$\@%(])/m;
    my ($begin, $end) = ("package main; no strict; BEGIN { Nestbox::pragmas(1) }", "\n;BEGIN { Nestbox::pragmas(0) }");
    my $whole = "$begin\n#line 1 \"(cell $id)\"\n$code\n" . (wanted($code) ? "" : $end); # Behind a value nothing may stand.
    $current = $running = $id;
    my $fine = eval {
        local $SIG{__DIE__} = \&traced;
        @value = wanted($code) ? CORE::evalbytes($whole) : scalar(CORE::evalbytes($whole), ());
        if ($@ ne "") { local $SIG{__DIE__}; die $@ }
        Nestbox::Declared::keep($code =~ /^(?!\s).*?\bour\b([^=;]*)/mg);
        CORE::evalbytes($begin . join("", $code =~ /(?:^|;)\s*((?:use|no)\s+(?:v?\d|[a-z])[^;]*;)/mg) . $end) if wanted($code);
        report($id, @value) if wanted($code) && @value && (@value > 1 || defined $value[0]) && !$record->{silent};
        1;
    };
    my $error = $@;
    $status = $asked && ref $error eq "Interrupted" ? "interrupted" : "error" unless $fine;
    eval { failed($id, $error); 1 } or failed($id, "the error cannot be printed") unless $fine;
    undef $running;
    delete @main::{grep { /^_<\((?:eval|cell) / } keys %main::}; # What a debugger would want: a little more with each cell.
    $| = 1;
    STDOUT->flush(), STDERR->flush();
    if ($$ != $Nestbox::owner) { # A child that the cell forked has come to the cell's end: it is at its own.
        require POSIX;
        POSIX::_exit($fine ? 0 : 1);
    }
    $SIG{INT} = \&interrupt;
    lost("channel: the cell has closed or replaced descriptors 100 and 101") if "@channel" ne join " ", map { (stat "/proc/self/fd/$_")[1] // 0 } 100, 101;
    say_(type => "done", id => $id, status => $status);
}

# Under `use strict` a variable of an earlier cell has to be as if it were imported: assigned to its name from another package.
sub Nestbox::Declared::keep {
    package Nestbox::Declared;
    for my $list (@_) {
        while ($list =~ /([\$\@%])(\w+)/g) { *{"main::$2"} = $1 eq "\$" ? \${"main::$2"} : $1 eq "\@" ? \@{"main::$2"} : \%{"main::$2"} }
    }
}

# At the beginning and the end of a cell, while it is compiled.
sub pragmas {
    if ($_[0]) { ($^H, %^H) = ($hints, %hints), ${^WARNING_BITS} = $warnings if defined $hints }
    else { ($hints, %hints) = ($^H, %^H); $warnings = ${^WARNING_BITS} }
}

# Whether the cell ends in an expression whose value is of interest.
sub wanted {
    my $code = shift;
    $code =~ s/\s+\z//;
    return 0 if $code =~ /;\z/ || $code eq "" || $code =~ /(?:^|\n)[^\n]*#[^\n]*;\z/;
    my ($last) = $code =~ /(?:\A|\n)(?=\S)(?![}\])])([^\n]*)(?:\n[\s}\])][^\n]*)*\z/ or return 0;
    $last =~ s/.*;\s*//;
    return $last !~ /^(?:print|printf|say|my|our|local|use|no|sub|package|for|foreach|while|until|if|unless|return|BEGIN|END|warn|exit)\b/;
}

# Frames of the cells, as an exception goes.
sub traced {
    my @frames;
    for (my $level = 1; my ($package, $file, $line, $name) = caller $level; $level++) {
        last if @frames > 200 || $file !~ /^\(cell|^\//;
        push @frames, "\t$name called at $file line $line" if $name !~ /^\(eval\)$|^Nestbox::/;
    }
    @trace = @frames;
    die @_;
}

sub failed {
    my ($id, $error) = @_;
    my ($exception, $message) = ref $error eq "Interrupted" ? ("Interrupted", "the cell was interrupted") : ref $error ? (ref $error, "$error") : ("die", $error);
    $message =~ s/^BEGIN not safe after errors.*\n?//m;
    chomp $message;
    my @lines = map { \quote(cut($_, 600)) } ($message, @trace)[0 .. ($#trace < 199 ? $#trace + 1 : 199)];
    say_(type => "error", id => $id, exception => cut($exception, 200), message => cut($message, 8000), traceback => \("[" . join(",", map { $$_ } @lines) . "]"));
}

sub dump_ {
    require Data::Dumper;
    local ($Data::Dumper::Terse, $Data::Dumper::Indent, $Data::Dumper::Sortkeys, $Data::Dumper::Maxdepth) = (1, $_[1] ? 0 : 1, 1, $_[1] // 0);
    my $text = Data::Dumper::Dumper($_[0]);
    chomp $text;
    return $text;
}

sub report {
    my ($id, @value) = @_;
    my $text = @value == 1 ? dump_($value[0]) : "(" . join(", ", map { dump_($_) } @value) . ")";
    $text = (bytes($text))[-1];
    my $budget = 20000;
    my $json = @value == 1 ? json($value[0], 0, \$budget) : undef;
    my @fields = (type => "result", id => $id, repr => cut($text, $TEXT), truncated => true(length $text > $TEXT));
    push @fields, value => \$json if defined $json && length $json <= $TEXT;
    my $data = @value == 1 ? bundle($value[0]) : undef;
    push @fields, data => \fitting($data) if $data;
    say_(@fields);
}

# A value as JSON, if it is that as it stands: no object, nothing that is foreign.
sub json {
    my ($value, $depth, $budget) = @_;
    return if --$$budget < 0 || $depth > 32;
    return "null" if !defined $value;
    if (ref $value eq "ARRAY") {
        my @parts = map { json($_, $depth + 1, $budget) // return } @$value;
        return "[" . join(",", @parts) . "]";
    }
    if (ref $value eq "HASH") {
        my @parts = map { quote($_) . ":" . (json($value->{$_}, $depth + 1, $budget) // return) } sort keys %$value;
        return "{" . join(",", @parts) . "}";
    }
    return if ref $value || ref \$value ne "SCALAR";
    require B;
    my $flags = B::svref_2object(\$value)->FLAGS;
    return quote($value) if $flags & B::SVf_POK();
    return $value == int $value ? (abs $value < 2**53 ? sprintf "%.0f", $value : undef) : "$value" =~ /^[-.\de+]+$/ ? "$value" : undef;
}

my %mimes = (to_html => "text/html", to_svg => "image/svg+xml", to_png => "image/png", to_markdown => "text/markdown");

# What an object itself offers in other formats.
sub bundle {
    my ($value, %data) = shift;
    require Scalar::Util;
    return unless Scalar::Util::blessed($value);
    for my $name (sort keys %mimes) {
        my $method = $value->can($name) or next;
        my $content = eval { $value->$method() } // next;
        $data{$mimes{$name}} = $content;
    }
    return %data ? \%data : undef;
}

sub fitting {
    my ($data, @parts, @notes) = shift;
    my $room = $RECORD - (160 << 10);
    for my $mime (sort { ($b eq "text/plain") - ($a eq "text/plain") } sort keys %$data) {
        my $content = $data->{$mime};
        $content = pack("u", $content), $content = base64($data->{$mime}) if $mime =~ m{^image/(?!svg)};
        my $text = quote($content);
        if (length $text <= $room) { push @parts, $mime => \$text; $room -= length $text }
        else { push @notes, "<$mime, " . length($text) . " bytes: too large to show>" }
    }
    push @parts, "text/plain" => join "\n", @notes[0 .. ($#notes < 19 ? $#notes : 19)] if @notes && !exists $data->{"text/plain"};
    return object(@parts);
}

sub base64 { require MIME::Base64; MIME::Base64::encode_base64($_[0], "") }

# For cells: Nestbox::html("<b>1</b>") as a value, Nestbox::display($value, id => "d"), Nestbox::update($value, "d"), Nestbox::clear(wait => 1).
sub rich { my ($method, $content) = @_; bless { $method => $content }, "Nestbox::Rich" }
sub html { rich(to_html => @_) }
sub svg { rich(to_svg => @_) }
sub png { rich(to_png => @_) }
sub markdown { rich(to_markdown => @_) }
for my $name (keys %mimes) { *{"Nestbox::Rich::$name"} = sub { $_[0]{$name} } }

sub display {
    my ($value, %options) = @_;
    STDOUT->flush();
    my @id = defined $options{id} ? (display_id => cut($options{id}, 200), update => true($options{update})) : ();
    say_(type => "display", id => $current, data => \fitting({"text/plain" => cut(dump_($value), $TEXT), %{bundle($value) // {}}}), @id);
    return;
}
sub update { display($_[0], id => $_[1], update => 1) }
sub clear { my %options = @_; STDOUT->flush(); say_(type => "clear", id => $current, wait => true($options{wait})); return }

# --- Questions, while no cell runs

my @words = qw(abs atan2 bless chdir chomp chop chr close defined delete die each else elsif eof eval exists exit foreach fork grep hex index int
    join keys last lc lcfirst length local local log map my next open opendir ord our pack package pop pos print printf push qw rand read readdir readline
    redo ref require return reverse rindex say scalar seek select shift sin sleep sort splice split sprintf sqrt srand sub substr system tie time
    uc ucfirst undef unless unlink unpack unshift until use values wait waitpid wantarray warn while write);

sub upto { my ($code, $cursor) = @_; utf8::decode($code); my $text = substr $code, 0, $cursor; utf8::encode($text); $text }

sub complete {
    my $record = shift;
    my ($before, %found) = upto($record->{code}, $record->{cursor});
    my ($prefix) = $before =~ /(\w*)\z/;
    my $head = substr $before, 0, length($before) - length $prefix;
    if ($head =~ /(\$?)([\w:]+)->\z/) {
        my $class = $1 ? ref ${"main::$2"} : $2;
        require mro;
        for my $package (@{mro::get_linear_isa($class)}) { $found{$_} //= "function" for grep { defined &{"${package}::$_"} } keys %{"${package}::"} }
    }
    elsif ($head =~ /([\$\@%])\z/) {
        my $sigil = $1;
        for my $name (keys %main::) {
            next if ref \$main::{$name} ne "GLOB";
            $found{$name} = "variable" if $sigil eq "\$" ? defined ${$main::{$name}} || *{$main::{$name}}{ARRAY} || *{$main::{$name}}{HASH} : *{$main::{$name}}{$sigil eq "\@" ? "ARRAY" : "HASH"};
        }
    }
    else {
        $found{$_} = "keyword" for @words;
        $found{$_} = "function" for grep { defined &{"main::$_"} } keys %main::;
        $found{$1} = "class" for map { /^(\w+)::$/ ? $_ : () } grep { /^([A-Z]\w*)::$/ } keys %main::;
        for (keys %main::) { $found{$1} = "class" if /^([A-Z]\w*)::$/ }
    }
    my @names = grep { /^\w+$/ && index($_, $prefix) == 0 } sort keys %found;
    splice @names, $ROWS if @names > $ROWS;
    my $start = $record->{cursor} - length $prefix;
    return (matches => \("[" . join(",", map { object(text => $_, type => $found{$_}) } @names) . "]"), start => \$start, end => \$record->{cursor});
}

sub inspect {
    my $record = shift;
    my $before = upto($record->{code}, $record->{cursor});
    my $after = substr $record->{code}, length $before;
    my ($sigil, $name) = ($before . ($after =~ /^(\w+)/ ? $1 : "")) =~ /([\$\@%&]?)([\w:]+)\(?\z/ or return (found => \"false", data => \"{}");
    my $glob = $name =~ /::/ ? undef : $main::{$name};
    my $text;
    if (ref \$glob eq "GLOB" && $sigil =~ /[\$\@%]/) {
        my $value = $sigil eq "\$" ? *$glob{SCALAR} : $sigil eq "\@" ? *$glob{ARRAY} : *$glob{HASH};
        $text = "$sigil$name = " . (defined $value ? dump_($sigil eq "\$" ? $$value : $value, 3) : "undef");
    }
    elsif (defined &{"main::$name"} || ($name =~ /::/ && defined &$name)) {
        require B;
        my $code = B::svref_2object(\&{$name =~ /::/ ? $name : "main::$name"});
        $text = "sub $name" . (defined prototype(\&{$name =~ /::/ ? $name : "main::$name"}) ? "(" . prototype(\&{"main::$name"}) . ")" : "") . ", in " . $code->FILE . ($code->START->can("line") ? " line " . $code->START->line : "");
    }
    return defined $text ? (found => \"true", data => \object("text/plain" => cut($text, $TEXT))) : (found => \"false", data => \"{}");
}

# In a child: BEGIN blocks and `use` are run as the cell is compiled.
sub is_complete {
    my $record = shift;
    pipe my $in, my $out or die "pipe: $!";
    my $child = fork // die "fork: $!";
    if (!$child) {
        $SIG{ALRM} = "DEFAULT", alarm 2;
        open STDOUT, ">", "/dev/null";
        open STDERR, ">&", STDOUT;
        CORE::evalbytes("package main; no strict; BEGIN { Nestbox::pragmas(1) } sub {\n$record->{code}\n}");
        my $said = $@ eq "" ? "complete" : $@ =~ /Missing right|Can't find string terminator|at EOF|not terminated/ ? "incomplete" : "invalid";
        syswrite $out, $said;
        require POSIX;
        POSIX::_exit(0);
    }
    close $out;
    my $status = <$in> // "unknown";
    waitpid $child, 0;
    my ($indent) = $record->{code} =~ /([ \t]*)[^\n]*\z/;
    $indent .= "    " if $record->{code} =~ /[\{\[(]\s*\z/;
    return (status => $status, $status eq "incomplete" ? (indent => $indent) : ());
}

sub variables {
    my @rows;
    for my $name (sort keys %main::) {
        next if $initial{$name} || $name !~ /^[a-zA-Z]\w*$/ || ref \$main::{$name} ne "GLOB" || @rows >= $ROWS;
        my ($scalar, $array, $hash) = map { *{$main::{$name}}{$_} } qw(SCALAR ARRAY HASH);
        my @kinds = ([$$scalar, ref $$scalar || "scalar", "\$$name", length($$scalar // "")]);
        @kinds = () if !defined $$scalar;
        push @kinds, [[@$array[0 .. ($#$array < 9 ? $#$array : 9)]], "array", "\@$name", scalar @$array] if $array;
        my @keys = $hash ? (sort keys %$hash)[0 .. (keys %$hash < 10 ? keys(%$hash) - 1 : 9)] : ();
        push @kinds, [{map { $_ => $hash->{$_} } @keys}, "hash", "\%$name", scalar keys %$hash] if $hash;
        push @rows, map { my $size = $_->[3]; object(name => cut($_->[2], 200), type => cut($_->[1], 200), repr => cut(dump_($_->[0], 2), 200), size => \$size) } @kinds;
    }
    return (variables => \("[" . join(",", @rows) . "]"));
}

# --- Checkpoints, as in images/python/session.py: the first turns this process into the keeper, which waits; a checkpoint is a fork that
# sleeps until SIGUSR1 asks it to fork the one that goes on; the keeper adopts all (PR_SET_CHILD_SUBREAPER).

sub become_keeper {
    my $machine = (split " ", do { open my $file, "<", "/proc/sys/kernel/arch"; <$file> // "x86_64" })[0];
    syscall($machine eq "aarch64" ? 167 : 157, 36, 1, 0, 0, 0) == 0 or die "prctl: $!";
    pipe $told[0], $told[1];
    pipe $asks[0], $asks[1];
    $keeper = $$;
    my $active = fork // die "fork: $!";
    $Nestbox::owner = $$, return if !$active;
    $SIG{INT} = "IGNORE";
    require POSIX;
    while ((my $pid = wait) > 0) {
        my $status = $?;
        for my $patience (0, 5) {
            vec(my $ready = "", fileno $told[0], 1) = 1;
            my $words;
            $active = (split " ", $words)[-1] if select($ready, undef, undef, $patience) > 0 && sysread $told[0], $words, 4096;
            last if $active; # 0: a restore has begun, and who is woken says so itself.
        }
        next if $active && $pid != $active;
        if ($status & 127) {
            $SIG{(split " ", $Config::Config{sig_name})[$status & 127]} = "DEFAULT" if eval { require Config; ($status & 127) != 9 };
            kill $status & 127, $$;
            sleep 1;
        }
        POSIX::_exit($active ? $status >> 8 : 70);
    }
    POSIX::_exit(70);
}

# Forks a process that is not our child. Returns its pid here, and 0 there.
sub fork_aside {
    pipe my $in, my $out or die "pipe: $!";
    my $middle = fork // die "fork: $!";
    if ($middle) {
        close $out;
        waitpid $middle, 0;
        my $pid = <$in> or die "fork failed";
        return $pid;
    }
    my $pid = fork;
    require POSIX;
    POSIX::_exit(1) if !defined $pid;
    syswrite($out, $pid), POSIX::_exit(0) if $pid;
    return 0;
}

# Whether it is one of our sleeping interpreters.
sub keeps {
    my $ref = shift // return;
    return unless $ref =~ /^\d+$/ && $keeper && $ref != $$ && open my $file, "<", "/proc/$ref/stat";
    my ($state, $parent) = (<$file> // "") =~ /.*\) (\S) (\d+)/ or return;
    return $state ne "Z" && $parent == $keeper;
}

sub checkpoint {
    STDOUT->flush();
    require POSIX;
    become_keeper() unless $keeper;
    opendir my $folder, "/proc";
    return (ok => \"false", error => "there are $CHECKPOINTS checkpoints: drop one first") if grep({ /^\d+$/ && keeps($_) } readdir $folder) >= $CHECKPOINTS;
    pipe my $wake, my $waker;
    my $before = $SIG{USR1};
    $SIG{USR1} = sub { syswrite $waker, "x" };
    my $ref = fork_aside();
    if ($ref) {
        $SIG{USR1} = $before // "DEFAULT";
        return (ok => \"true", ref => \$ref);
    }
    $SIG{INT} = "IGNORE";
    while (1) {
        sysread $wake, my $byte, 1 or next;
        last if !fork_aside();
    }
    $Nestbox::owner = $$;
    syswrite $told[1], "$$ ";
    srand;
    ($SIG{INT}, $SIG{USR1}) = (\&interrupt, $before // "DEFAULT");
    sysread $asks[0], my $request, 4096;
    $request = decode($request);
    say_(type => "restored", id => $request->{id}, name => $request->{name});
    return;
}

sub manage {
    my ($record, @fields) = shift;
    my $ref = $record->{ref};
    if ($record->{type} eq "checkpoint") { return checkpoint() }
    return (ok => \"false", error => "there is no such checkpoint") unless keeps($ref);
    if ($record->{type} eq "drop") {
        kill KILL => $ref;
        select undef, undef, undef, 0.001 while keeps($ref);
        return (ok => \"true");
    }
    STDOUT->flush();
    syswrite $asks[1], object(id => $record->{id}, name => cut($record->{name}, 200));
    syswrite $told[1], "0 ";
    kill USR1 => $ref;
    POSIX::_exit(0);
}

END {
    if (defined $running && $$ == $Nestbox::owner) { # `exit` in a cell.
        my $status = $?;
        STDOUT->flush(), STDERR->flush();
        say_(type => "done", id => $running, status => "ok");
        $? = $status;
    }
}

use IO::Handle;
unlink $0, "session_channel.pl"; # Nobody needs them any more, and a cell should find its folder empty.
delete $INC{"./session_channel.pl"};
@channel = map { (stat "/proc/self/fd/$_")[1] } 100, 101;
open_channel();
$SIG{INT} = \&interrupt;
$0 = "cell";
%initial = map { $_ => 1 } keys %main::, qw(a b);
my %questions = (complete => \&complete, inspect => \&inspect, is_complete => \&is_complete, variables => \&variables, map { $_ => \&manage } qw(checkpoint restore drop));
my @features = map { quote($_) } qw(complete inspect is_complete variables checkpoint interrupt rich);
say_(type => "ready", protocol => \1, language => "perl", version => sprintf("%vd", $^V), features => \("[" . join(",", @features) . "]"));
while (1) {
    my $record = @kept ? shift @kept : receive();
    my $type = $record->{type};
    if ($type eq "execute") { execute($record) }
    elsif ($type ne "interrupt") {
        my @fields = $questions{$type} ? eval { $questions{$type}->($record) } : (error => "unknown type");
        @fields = (error => cut($@ || "no answer", 500)) if $@ ne "";
        say_(type => "answer", id => $record->{id}, @fields) if @fields;
    }
}
