# The driver of a live session for Haskell, in perl, which every root has. docs/session-drivers.md has the protocol: commands come from descriptor
# 100, records go to 101. Cells are run by ghci, as scripts: it reads lines from a pipe with a name, `in`, of which each one runs a script, so that its
# standard input is the program's. A script ends at its first error; what its last expression gives, and that it is done, comes back through `out`.
# ghci says on stderr what is wrong with a cell: that is held back and becomes the cell's error, all else on stderr goes on.
package Nestbox;
use strict;
use warnings;
use POSIX ();
require "./session_channel.pl";

our ($RECORD, $TEXT, $ROWS, $running);
my $folder = "/tmp/.session-$$";
my ($ghci, $in, $back, $complaints);
my ($asked, $hit, @kept) = (0, 0);
my ($heard, $held, $holding, $fine, $quits, $value, $ended, $version) = ("", "", 0, 0, 0, undef, undef, "");
my %lines; # Of the script, and which lines of the cell they are.

# What is defined in ghci for this driver. `show` is cut before it is written, so that no more is evaluated than is shown.
my $prelude = <<"END";
:set prompt ""
:set prompt-cont ""
import qualified GHC.Base as Nestbox
import qualified Data.List as Nestbox
import qualified Text.Show as Nestbox
import qualified System.IO as Nestbox
import qualified GHC.IO.Handle as Nestbox
import qualified System.Info as Nestbox
import qualified Data.Version as Nestbox
let nestbox'say kind text = Nestbox.appendFile "$folder/out" ([kind] Nestbox.++ Nestbox.filter (Nestbox./= '\\0') text Nestbox.++ "\\0") :: Nestbox.IO ()
let nestbox'show x = let text = Nestbox.take 70000 (Nestbox.show x) in Nestbox.length text `Nestbox.seq` nestbox'say 'R' text
:set -interactive-print=nestbox'show
END

sub start {
    mkdir $folder, 0700 or die "$folder: $!";
    POSIX::mkfifo("$folder/$_", 0600) or die "$folder/$_: $!" for qw(in out);
    open $in, "+<", "$folder/in" or die "in: $!"; # Both ends: so ghci never sees an end.
    open $back, "+<", "$folder/out" or die "out: $!";
    pipe $complaints, my $stderr or die "pipe: $!";
    my $script = $prelude . <<"END";
nestbox'stdout <- Nestbox.hDuplicate Nestbox.stdout
nestbox'say 'V' (Nestbox.showVersion Nestbox.compilerVersion)
END
    # An interrupt that comes between two cells may end the loop over `in`: then the next one goes on.
    write_file("init", $script . ":script $folder/in\n" x 1000);
    $ghci = fork // die "fork: $!";
    if (!$ghci) {
        setpgrp; # SIGINT goes to it through `interrupt` only.
        $SIG{INT} = "DEFAULT";
        POSIX::dup2(fileno $stderr, 2);
        exec "ghci", "-v0", "-ignore-dot-ghci", "-fdiagnostics-color=never", "-ghci-script", "$folder/init" or POSIX::_exit(127);
    }
    close $stderr;
    settle(sub { $version ne "" });
}

sub write_file {
    my ($name, $text) = @_;
    open my $file, ">", "$folder/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
}

# Lines for ghci: each is one that nothing in a cell can make fail.
sub order { my $text = join "", map { "$_\n" } @_; syswrite $in, $text }

sub gone {
    waitpid $ghci, 0;
    my $status = $?;
    pass($held);
    remove();
    if ($status & 127) { $SIG{$status & 127} = "DEFAULT"; kill $status & 127, $$; sleep 1 }
    POSIX::_exit($status >> 8);
}

sub remove { unlink map { "$folder/$_" } qw(in out init cell question answer); rmdir $folder }

# Moves what comes until a condition holds.
sub settle {
    my ($until, $patience) = @_;
    my $end = defined $patience ? times_() + $patience : undef;
    until ($until->()) {
        my $ready = "";
        vec($ready, $_, 1) = 1 for 100, fileno $back, fileno $complaints;
        my $left = defined $end ? $end - times_() : $asked ? 0.3 : undef;
        return 0 if defined $end && $left <= 0;
        my $count = select $ready, undef, undef, $left;
        next if $count < 0;
        again() if !$count && $asked && defined $running;
        if (vec $ready, fileno $complaints, 1) {
            sysread $complaints, my $part, 1 << 16 or gone();
            complained($part);
        }
        if (vec $ready, fileno $back, 1) {
            sysread $back, my $part, 1 << 16;
            $heard .= $part;
            answered($1, $2) while $heard =~ s/\A(.)([^\0]*)\0//s;
        }
        command(receive()) if vec $ready, 100, 1;
    }
    return 1;
}

sub times_ { (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK()) }

# The line behind the cell may have gone with it; and a cell may have caught what an interrupt is.
sub again {
    order("nestbox'say 'E' " . quote($running)) if ++$hit > 1;
    kill INT => -$ghci if $hit % 3 == 0;
}

sub command {
    my $record = shift;
    if ($record->{type} ne "interrupt") { push @kept, $record }
    elsif (defined $running && $record->{id} eq $running && !defined $ended) {
        $asked = 1;
        kill INT => -$ghci;
    }
}

sub answered {
    my ($kind, $text) = @_;
    if ($kind eq "R") { $value = $text }
    elsif ($kind eq "S") { undef $value }
    elsif ($kind eq "Q") { $quits = 1 }
    elsif ($kind eq "K") { $fine = 1 }
    elsif ($kind eq "E") { $ended = $text }
    elsif ($kind eq "V") { $version = $text }
}

# Of stderr, whole lines and what cannot be the beginning of a message of ghci goes on at once.
sub complained {
    $held .= shift;
    $held = "" if $version eq ""; # ghci greets.
    return if $holding;
    if ($held =~ /^(?:\*\*\* Exception: |\Q$folder\E\/|<interactive>|<no location|Interrupted\.|ghc: |ghc-9)/m) {
        my $before = substr $held, 0, $-[0], "";
        pass($before) if $before ne "\n"; # Messages begin with an empty line.
        $holding = 1;
    }
    elsif ($held eq "\n") { }
    elsif ($held =~ /(?:^|\n)([*\/<Ig][^\n]{0,40})\z/) { pass(substr $held, 0, $-[1], "") if substr($held, 0, $-[1]) ne "\n" }
    else { pass($held), $held = "" }
}

sub pass { syswrite STDERR, $_[0] if $_[0] ne "" }

# --- From a cell to a script

# The code without strings and comments, of the same length, line by line.
sub bare {
    my $code = shift;
    my $token = qr{"(?:[^"\\\n]|\\.|\\\s+\\)*"|'(?:[^'\\\n]|\\[^'\n]+|\\')'|\{-(?!\#).*?-\}|--+(?![!\#\$%&*+./<=>?\@\\^|~:])[^\n]*}s;
    $code =~ s/(?<![\w'])($token)/blank($1)/gse;
    return $code;
}

sub blank {
    my $text = shift;
    my $quote = $text =~ /^(["'])/ ? $1 : "";
    return $quote . "_" x (length($text) - 2) . $quote if $quote ne "" && $text !~ /\n/;
    $text =~ s/[^\n]/ /g;
    return $text;
}

# Pieces of a cell: what begins in the first column, with what is indented below it. Each with its first line's number.
sub pieces {
    my ($code) = @_;
    my (@pieces, $number);
    my @bare = split /\n/, bare($code), -1;
    for my $line (split /\n/, $code, -1) {
        my $plain = $bare[$number++] // "";
        next if $plain !~ /\S/ && (!@pieces || $line !~ /\S/ || $line =~ /^\S/) && !(@pieces && push @{$pieces[-1]{lines}}, "");
        if ($plain =~ /^[^\s)\]},|]/ && $plain !~ /^(?:then|else|of|where|deriving)\b/ || !@pieces) { push @pieces, {first => $number, lines => [$line], bare => $plain} }
        else { push @{$pieces[-1]{lines}}, $line; $pieces[-1]{bare} .= "\n$plain" }
    }
    return @pieces;
}

# Whether it declares something; otherwise it is a statement, an import or a command of ghci.
sub declares {
    my $text = shift;
    return 1 if $text =~ /^(?:data|type|newtype|class|instance|infix[lr]?|deriving|default|foreign|pattern)\b/;
    return 0 if $text =~ /^(?:import|let|if|case|do|mdo)\b|^[:\\]/;
    1 while $text =~ s/\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}/ _ /g;
    my ($sign) = $text =~ /(?<![!\#\$%&*+.\/<=>?\@\\^|~:-])(::|=|<-|\||\$|\bdo\b|\blet\b|\bcase\b|\bif\b|\\)(?![!\#\$%&*+.\/<=>?\@\\^|~:-])/;
    return 0 unless defined $sign;
    return $text =~ /^\s*(?:[a-z_][\w']*|\(\))(?:\s*,\s*[a-z_][\w']*)*\s*::/ ? 1 : 0 if $sign eq "::" && $text !~ /::.*(?<![=<>:\/|&.+*-])=(?![=>])/s;
    return $sign eq "=" || $sign eq "|" || $sign eq "::" ? 1 : 0;
}

sub script {
    my $code = shift;
    my (@script, @block, $last);
    $code =~ s/\r\n/\n/g;
    my $module = $code =~ s/^((?:[ \t]*(?:--[^\n]*)?\n|\{-(?:[^-]|-(?!\}))*-\}\s*)*)(module\s+[\w.]+\s*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*where\b)/my ($a, $b) = ($1, $2); $b =~ s{[^\n]}{ }g; $a . $b/e;
    my @pieces = pieces($code);
    my $add = sub { my ($text, $line) = @_; push @script, $text; $lines{scalar @script} = $line };
    my $close = sub {
        return if !@block;
        my $many = @block > 1 || @{$block[0]{lines}} > 1;
        $add->(":{") if $many;
        for my $piece (@block) { my $line = $piece->{first}; $add->($_, $line++) for @{$piece->{lines}} }
        $add->(":}") if $many;
        @block = ();
    };
    for my $piece (@pieces) {
        pop @{$piece->{lines}} while @{$piece->{lines}} > 1 && $piece->{lines}[-1] !~ /\S/;
        my $text = join "\n", @{$piece->{lines}};
        if (declares($piece->{bare}) && $text !~ /^\{-#/) { push @block, $piece; $last = 0; next }
        $close->();
        if ($text =~ /^\{-#\s*(LANGUAGE|OPTIONS_GHC)\s+(.*?)\s*#-\}/si) { my @words = split /[\s,]+/, $2; $add->(":set " . join(" ", map { lc $1 eq "language" ? "-X$_" : $_ } @words), $piece->{first}); next }
        next if $piece->{bare} !~ /\S/;
        if ($text =~ /^:q/) { $add->("nestbox'say 'Q' \"\""); last }
        $add->("nestbox'say 'S' \"\"") if @script;
        @block = $piece;
        $close->();
        $last = 1;
    }
    $close->();
    $add->("nestbox'say 'S' \"\"") if defined $last && !$last;
    $add->("main") if $module && $code =~ /^main\b/m;
    $add->("nestbox'say 'K' \"\"");
    return join("\n", @script) . "\n";
}

# Messages name the script: it is the cell, and its lines are others.
sub placed {
    my ($text, $id) = @_;
    my $line = sub { $lines{$_[0]} // $_[0] };
    $text =~ s{\Q$folder\E/(?:cell|question):(\d+)}{"cell $id:" . $line->($1)}ge;
    $text =~ s{\Q$folder\E/(?:cell|question):\((\d+),(\d+)\)-\((\d+),(\d+)\)}{"cell $id:(" . $line->($1) . ",$2)-(" . $line->($3) . ",$4)"}ge;
    $text =~ s{^(\s*)(\d+)( \|)}{my $new = $line->($2); (" " x (length("$1$2") - length $new)) . "$new$3"}gme;
    return $text;
}

# --- Cells

sub finish {
    my ($status) = @_;
    my $id = $running;
    undef $running;
    pass($held);
    ($held, $holding) = ("", 0);
    say_(type => "done", id => $id, status => $status);
}

my $atom = qr/-?\d{1,15}(?:\.\d+)?|"[^"\\]*"/;
sub json { my $text = shift; return {True => "true", False => "false"}->{$text} // ($text =~ /\A(?:$atom|\[(?:$atom(?:,$atom)*)?\])\z/ ? $text : undef) }

sub execute {
    my $record = shift;
    my $id = $running = $record->{id};
    %lines = ();
    ($asked, $hit, $fine, $value, $ended) = (0, 0, 0, undef, undef);
    write_file("cell", script($record->{code}));
    order(":script $folder/cell", "nestbox'say 'E' " . quote($id));
    settle(sub { defined $ended && $ended eq $id });
    drain();
    leave(0) if $quits; # `:quit` in a cell.
    if ($fine) {
        if (defined $value && !$record->{silent}) {
            my $json = json($value);
            say_(type => "result", id => $id, repr => cut($value, $TEXT), truncated => true(length((bytes($value))[-1]) > $TEXT), defined $json ? (value => \$json) : ());
        }
        $held = placed($held, $id);
        reset_() if $record->{code} =~ /^:(?:l|r|m|a|una|cd|se|uns)/m;
        return finish("ok");
    }
    my $text = placed($held, $id);
    ($held, $holding) = ("", 0);
    if (!$asked && $text =~ /^\*\*\* Exception: Exit(?:Success|Failure (\d+))\s*\z/) { # `exitWith` in a cell.
        leave(($1 // 0) & 255);
    }
    failed($id, $text);
    reset_() if $record->{code} =~ /^:(?:l|r|m|a|una|cd|se|uns)/m;
    finish($asked ? "interrupted" : "error");
}

sub leave {
    finish("ok");
    kill KILL => -$ghci;
    remove();
    POSIX::_exit($_[0]);
}

# What ghci had written before it said that the cell is done.
sub drain {
    while (1) {
        vec(my $ready = "", fileno $complaints, 1) = 1;
        last if select($ready, undef, undef, 0) <= 0;
        sysread $complaints, my $part, 1 << 16 or gone();
        complained($part);
    }
}

# Commands of ghci can take away what the driver has defined.
sub reset_ { write_file("question", $prelude); order(":script $folder/question") }

sub failed {
    my ($id, $text) = @_;
    my $name = "Error";
    $text =~ s/\s+\z//;
    if ($asked) { ($name, $text) = ("Interrupted", "the cell was interrupted") }
    elsif ($text =~ s/\A\*\*\* Exception: //) {
        $name = $text =~ /\A(?:divide by zero|arithmetic (?:over|under)flow|Ratio has zero)/ ? "ArithException" : $text =~ /Non-exhaustive (?:patterns|guards)/ ? "PatternMatchFail"
            : $text =~ /\A(?:user error|\S+: (?:openFile|getLine|hGetLine|withFile|readFile))|Prelude\.get/ ? "IOException" : $text =~ /CallStack \(from HasCallStack\)|\APrelude\./ ? "ErrorCall" : $text =~ /\Astack overflow/ ? "StackOverflow" : "Exception";
    }
    my ($message) = $text =~ /\A(.*?)(?:\nCallStack \(from HasCallStack\).*)?\z/s;
    my @lines = map { quote(cut($_, 600)) } grep { !/ in interactive:/ } split /\n/, $text;
    splice @lines, 200 if @lines > 200;
    say_(type => "error", id => $id, exception => $name, message => cut($message, 8000), traceback => \("[" . ($asked ? "" : join(",", @lines)) . "]"));
}

# --- Questions, while no cell runs: commands of ghci, whose output goes to a file.

sub ask_ {
    my ($command) = @_;
    %lines = ();
    ($ended, $held) = (undef, "");
    write_file("question", "Nestbox.openFile \"$folder/answer\" Nestbox.WriteMode Nestbox.>>= \\h -> Nestbox.hDuplicateTo h Nestbox.stdout Nestbox.>> Nestbox.hClose h\n$command\n");
    order(":script $folder/question", "Nestbox.hDuplicateTo nestbox'stdout Nestbox.stdout", "nestbox'say 'E' \"?\"");
    settle(sub { defined $ended && $ended eq "?" }, 5) or die "ghci does not answer\n";
    drain();
    ($held, $holding) = ("", 0);
    open my $file, "<", "$folder/answer" or return "";
    local $/;
    return <$file> // "";
}

sub before { my ($code, $cursor) = @_; utf8::decode($code); my $text = substr $code, 0, $cursor; utf8::encode($text); $text }
sub haskell { my $text = shift; utf8::decode($text); $text =~ s/([^ -~]|["\\])/sprintf "\\%d\\&", ord $1/ge; "\"$text\"" }
sub plain { my $text = shift; $text =~ s/\\(\d+)(?:\\&)?/chars($1)/ge; $text =~ s/\\(.)/$1/g; $text }
sub characters { my $text = shift; utf8::decode($text); length $text }

sub complete {
    my $record = shift;
    my ($line) = before($record->{code}, $record->{cursor}) =~ /([^\n]*)\z/;
    my ($first, @found) = split /\n/, ask_(":complete repl $ROWS " . haskell($line));
    my ($kept) = ($first // "") =~ /^\d+ \d+ "(.*)"$/;
    my $start = $record->{cursor} - characters($line) + characters(plain($kept // $line));
    my @matches = map { /^"(.*)"$/ && $1 !~ /[Nn]estbox/ ? do { my $name = plain($1); object(text => cut($name, 400), type => $name =~ /^(?:[a-z_.]*\.)?[A-Z]/ ? "class" : "function") } : () } @found;
    return (matches => \("[" . join(",", @matches) . "]"), start => \$start, end => \$record->{cursor});
}

sub inspect {
    my $record = shift;
    my $before = before($record->{code}, $record->{cursor});
    my $after = substr $record->{code}, length $before;
    my ($name) = ($before . ($after =~ /^([\w']+)/ ? $1 : "")) =~ /([\w.']+)\z/ or return (found => \"false", data => \"{}");
    my $text = ask_(":info $name");
    $text =~ s{\Q$folder\E/\S+}{a cell}g;
    return $text =~ /\S/ ? (found => \"true", data => \object("text/plain" => cut($text, $TEXT))) : (found => \"false", data => \"{}");
}

# ghci cannot tell: by brackets, and by what a line cannot end with.
sub is_complete {
    my $code = bare($_[0]{code});
    my ($indent) = $_[0]{code} =~ /([ \t]*)[^\n]*\z/;
    my @incomplete = (status => "incomplete", indent => "$indent  ");
    return @incomplete if $code =~ /\{-(?!#)/ || $code =~ /(?:^|[^\w'"])"[^"\n]*\z/;
    1 while $code =~ s/\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}//g;
    return (status => "invalid") if $code =~ /^[^(\[{]*[)\]}]/;
    return @incomplete if $code =~ /[(\[{]/ || $code =~ /(?:\b(?:do|where|of|then|else|let|in)|[=\$]|->|<-|::|[-+*\/&|<>.])\s*\z/;
    return (status => "complete");
}

sub variables {
    my @rows;
    for my $line (split /\n(?=\S)/, ask_(":show bindings")) {
        my ($name, $type, $shown) = $line =~ /^(?!nestbox')([a-z_(][^\s:]*) :: (.*?)(?: = (.*))?\s*\z/s or next;
        push @rows, object(name => cut($name, 200), type => cut($type =~ s/\s+/ /gr, 200), repr => cut($shown // "_", 200), size => \0) if $name ne "it" && @rows < $ROWS;
    }
    return (variables => \("[" . join(",", @rows) . "]"));
}

unlink $0, "session_channel.pl"; # Nobody needs them any more, and a cell should find its folder empty.
$SIG{INT} = sub { };
open_channel();
END { local $?; if ($ghci && getppid && kill 0, $ghci) { kill KILL => -$ghci; remove() } }
start();
my %questions = (complete => \&complete, inspect => \&inspect, is_complete => \&is_complete, variables => \&variables);
say_(type => "ready", protocol => \1, language => "haskell", version => $version, features => \'["complete","inspect","is_complete","variables","interrupt"]');
while (1) {
    settle(sub { @kept });
    my $record = shift @kept;
    if ($record->{type} eq "execute") { execute($record); next }
    my @fields = $questions{$record->{type}} ? eval { $questions{$record->{type}}->($record) } : (error => "unknown type");
    @fields = (error => cut($@, 500)) if $@ ne "";
    say_(type => "answer", id => $record->{id}, @fields);
}
