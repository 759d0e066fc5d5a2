# The driver of a live session for bash. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
#
# A cell is read with `source`, at the top and not in a function, so that `declare` means there what it means in a script. An interrupt
# leaves it by a DEBUG trap that, as long as it is set, makes every function and sourced file return (`extdebug`). Names of the driver begin
# with _nestbox_. Text is handled as bytes (LC_ALL=C), where lengths count bytes and patterns are fast.

rm -f -- "$0" # Nobody needs it any more, and a cell should find its folder empty.

_nestbox_locale=${LC_ALL-} _nestbox_running= _nestbox_kept=() _nestbox_status=0 _nestbox_unwinding= _nestbox_traced= _nestbox_keeper= _nestbox_owner=$BASHPID

_nestbox_lost() {
    printf 'session: %s\n' "$1" >&2
    trap - EXIT
    builtin exit 70
}

# Sends the JSON text $1.
_nestbox_send() {
    local LC_ALL=C size
    printf -v size '\\x%02x\\x%02x\\x%02x\\x%02x' $((${#1} >> 24)) $((${#1} >> 16 & 255)) $((${#1} >> 8 & 255)) $((${#1} & 255))
    printf "$size%s" "$1" >&101 2>/dev/null || _nestbox_lost 'channel: it cannot be written to'
}

# Sets _nestbox_text to $1 as a JSON string. What is no UTF-8 is left out.
_nestbox_quote() {
    local LC_ALL=C text=$1 code character
    [[ $text == *[$'\x80'-$'\xff']* ]] && text=$(iconv -c -f UTF-8 -t UTF-8 <<<"$text.") && text=${text%.}
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    text=${text//$'\t'/\\t}
    if [[ $text == *[$'\x01'-$'\x1f']* ]]; then
        for code in {1..31}; do
            printf -v character "\\x$(printf %02x "$code")"
            text=${text//"$character"/$(printf '\\u%04x' "$code")}
        done
    fi
    _nestbox_text="\"$text\""
}

# Reads one record into _nestbox_body, in which no quote but those around strings is left: the others are octal escapes.
_nestbox_receive() {
    local LC_ALL=C byte size=0 part left code
    for _ in 1 2 3 4; do
        IFS= builtin read -r -d '' -n 1 -u 100 byte || builtin exit 0 # The service is gone or has closed the session.
        code=0
        [[ -n $byte ]] && printf -v code %d "'$byte"
        size=$((size << 8 | code & 255))
    done
    ((size <= 1 << 20)) || _nestbox_lost 'channel: record too large'
    IFS= builtin read -r -d '' -N "$size" -u 100 _nestbox_body || _nestbox_lost 'channel: ended within a record'
    _nestbox_body=${_nestbox_body//\\\\/\\0134}
    _nestbox_body=${_nestbox_body//\\\"/\\0042}
}

# Sets _nestbox_text to the field $1 of the record, which is a string; to nothing if there is none.
_nestbox_string() {
    local LC_ALL=C rest=$_nestbox_body before high low
    _nestbox_text=
    while [[ $rest == *"\"$1\""* ]]; do
        rest=${rest#*"\"$1\""}
        before=${rest%%\"*}
        [[ ${before//[[:space:]]/} == : ]] && break # Otherwise it was a value that is spelt like the name.
    done
    [[ ${before//[[:space:]]/} == : ]] || return 1
    rest=${rest#*\"}
    rest=${rest%%\"*}
    rest=${rest//\\\//\/}
    # Two halves of one character: `%b` would write each for itself.
    while [[ $rest == *\\u[dD][89abAB][0-9a-fA-F][0-9a-fA-F]\\u[dD][c-fC-F]* ]]; do
        before=${rest%%\\u[dD][89abAB][0-9a-fA-F][0-9a-fA-F]\\u[dD][c-fC-F]*}
        high=${rest:${#before}+2:4} low=${rest:${#before}+8:4}
        printf -v high '\\U%08x' $((((16#$high & 1023) << 10) + (16#$low & 1023) + 65536))
        rest=$before$high${rest:${#before}+12}
    done
    rest=${rest//\\u0000/}
    LC_ALL=C.UTF-8
    printf -v _nestbox_text %b "$rest"
}

_nestbox_number() {
    local rest=${_nestbox_body#*"\"$1\""}
    rest=${rest:0:40}
    [[ $rest =~ ^[[:space:]]*:[[:space:]]*([0-9]+) ]] && _nestbox_text=${BASH_REMATCH[1]} || _nestbox_text=0
}

# A SIGINT while a cell runs. It counts if an `interrupt` for the cell is in the channel; other records wait until the cell is done.
_nestbox_interrupt() {
    local IFS=$' \t\n' id
    while builtin read -t 0 -u 100; do
        _nestbox_receive
        _nestbox_string id && id=$_nestbox_text
        _nestbox_string type
        if [[ $_nestbox_text != interrupt ]]; then
            _nestbox_kept+=("$_nestbox_body")
        elif [[ $id == "$_nestbox_running" ]]; then
            _nestbox_unwinding=interrupted
            exec 98<&0 0</dev/null # A `read` goes on after a trap: it finds the end of the file.
            shopt -s extdebug
            set -T
            trap _nestbox_unwind DEBUG
        fi
    done
}

# Before each command once the cell is interrupted: 2 makes the function or sourced file return that it is in.
_nestbox_unwind() {
    ((${#FUNCNAME[@]} > 2)) && return 2
    trap - DEBUG
    set +T
    shopt -u extdebug
    return 0
}

_nestbox_done() {
    local id
    _nestbox_quote "$_nestbox_running"
    id=$_nestbox_text
    _nestbox_running=
    if [[ $1 == interrupted ]]; then
        _nestbox_send "{\"type\":\"error\",\"id\":$id,\"exception\":\"Interrupted\",\"message\":\"the cell was interrupted\",\"traceback\":[\"Interrupted\"]}"
    fi
    _nestbox_send "{\"type\":\"done\",\"id\":$id,\"status\":\"$1\"}"
}

# Cells may trace what they execute (`set -x`): what the driver does for them is not to be seen. So traps begin with `set +x`, whose own trace goes
# nowhere, and a cell that follows begins with `set -x` again.
_nestbox_on_exit='{ set +x; } 2>/dev/null; _nestbox_leave'
_nestbox_on_interrupt='{ _nestbox_traced=${-//[!x]/}; set +x; } 2>/dev/null; _nestbox_interrupt; [[ -n $_nestbox_unwinding || -z $_nestbox_traced ]] || set -x'

# `exit` in a cell.
_nestbox_leave() {
    [[ -n $_nestbox_running && $BASHPID == "$_nestbox_owner" ]] && _nestbox_done ok
}

_nestbox_return() { return "$1"; }

# `read -s` says that what it reads is a password: there is no terminal whose echo it could turn off. Takes the place of `read` when a cell
# has such a call, as it is slower.
_nestbox_hide() {
    read() {
        { local - _nestbox_word _nestbox_hidden=; set +x; } 2>/dev/null
        for _nestbox_word; do [[ $_nestbox_word == -[a-zA-Z]*([a-zA-Z]) && $_nestbox_word == *s* ]] && _nestbox_hidden=1; done
        [[ -n $_nestbox_hidden && -n $_nestbox_running && ! -t 0 ]] || {
            builtin read "$@"
            return
        }
        _nestbox_quote "$_nestbox_running"
        _nestbox_send "{\"type\":\"password\",\"id\":$_nestbox_text,\"on\":true}"
        builtin read "$@"
        _nestbox_word=$?
        _nestbox_quote "$_nestbox_running"
        _nestbox_send "{\"type\":\"password\",\"id\":$_nestbox_text,\"on\":false}"
        return "$_nestbox_word"
    }
}

# --- Questions

_nestbox_complete() {
    local code=$1 cursor=$2 line word start kind rows= name IFS=$'\n'
    local LC_ALL=C.UTF-8
    line=${code:0:cursor}
    line=${line##*$'\n'}
    word=${line##*[[:space:];|&()<>=]}
    start=$((cursor - ${#word}))
    case $word in
    \$\{*) kind=variable word=${word:2} start=$((start + 2)) ;;
    \$*) kind=variable word=${word:1} start=$((start + 1)) ;;
    *)
        kind=file
        [[ ${line%"$word"} =~ (^|[|\;\&\(])[[:space:]]*$ ]] && kind=command
        ;;
    esac
    for name in $(compgen -A "$kind" -- "$word" | sort -u | head -n 201); do
        [[ $name == _nestbox_* ]] && continue
        _nestbox_quote "$name"
        rows+=",{\"text\":$_nestbox_text,\"type\":\"$kind\"}"
    done
    _nestbox_fields="\"matches\":[${rows#,}],\"start\":$start,\"end\":$cursor"
}

_nestbox_inspect() {
    local LC_ALL=C.UTF-8 before=${1:0:$2} after=${1:$2} word text
    word=${before##*[!A-Za-z0-9_.-]}${after%%[!A-Za-z0-9_.-]*}
    _nestbox_fields='"found":false,"data":{}'
    [[ -n $word ]] || return
    text=$(declare -p -- "$word" 2>/dev/null || declare -f -- "$word" || { [[ $(type -t -- "$word") == [bk][ue]* ]] && help -- "$word"; } || type -a -- "$word" 2>/dev/null) || return
    _nestbox_quote "${text:0:16000}"
    _nestbox_fields="\"found\":true,\"data\":{\"text/plain\":$_nestbox_text}"
}

_nestbox_is_complete() {
    local said status=complete line
    if said=$(bash -n <<<"$1" 2>&1); then
        [[ $said == *here-document* || ${1: -1} == \\ ]] && status=incomplete
    elif [[ $said == *'unexpected end of file'* || $said == *'unexpected EOF'* ]]; then
        status=incomplete
    else
        status=invalid
    fi
    line=${1##*$'\n'}
    line=${line%%[![:space:]]*}
    _nestbox_fields="\"status\":\"$status\",\"indent\":\"${line//$'\t'/    }\""
}

# Its own names are out of the way: a variable of the cells would be hidden by one of the same name here.
_nestbox_variables() {
    local _nestbox_vname _nestbox_vkind _nestbox_vvalue _nestbox_vrows= _nestbox_vcount=0 LC_ALL=C.UTF-8
    for _nestbox_vname in $_nestbox_names; do
        [[ " $_nestbox_initial _nestbox_initial BASH_REMATCH " == *[[:space:]]"$_nestbox_vname"[[:space:]]* || $_nestbox_vname == _nestbox_* || $_nestbox_vname == _ ]] && continue
        local -n _nestbox_value=$_nestbox_vname
        case ${_nestbox_value@a} in
        *A*) _nestbox_vkind=map ;;
        *a*) _nestbox_vkind=array ;;
        *i*) _nestbox_vkind=integer ;;
        *) _nestbox_vkind=string ;;
        esac
        if [[ $_nestbox_vkind == map || $_nestbox_vkind == array ]]; then
            _nestbox_vvalue=$(declare -p "$_nestbox_vname" 2>/dev/null)
            _nestbox_vvalue=${_nestbox_vvalue#*=}
        else
            _nestbox_vvalue=${_nestbox_value:0:200}
        fi
        unset -n _nestbox_value
        local _nestbox_vsize=${#_nestbox_vvalue}
        _nestbox_vvalue=${_nestbox_vvalue:0:50}
        _nestbox_quote "$_nestbox_vvalue"
        _nestbox_vrows+=",{\"name\":\"${_nestbox_vname:0:200}\",\"type\":\"$_nestbox_vkind\",\"repr\":$_nestbox_text,\"size\":$_nestbox_vsize}"
        ((++_nestbox_vcount < 200)) || break
    done
    _nestbox_fields="\"variables\":[${_nestbox_vrows#,}]"
}

# Answers the record in _nestbox_body.
_nestbox_answer() {
    local id kind code IFS=$' \t\n'
    _nestbox_string type
    kind=$_nestbox_text
    [[ $kind == interrupt ]] && return
    _nestbox_string id
    _nestbox_quote "$_nestbox_text"
    id=$_nestbox_text
    _nestbox_string code
    code=$_nestbox_text
    _nestbox_number cursor
    _nestbox_fields='"error":"unknown type"'
    case $kind in
    drop | restore) "_nestbox_$kind" ;;
    checkpoint) _nestbox_fields=$_nestbox_made ;;
    complete | inspect | is_complete | variables) "_nestbox_$kind" "$code" "$_nestbox_text" 2>/dev/null </dev/null ;;
    esac
    _nestbox_send "{\"type\":\"answer\",\"id\":$id,$_nestbox_fields}"
}

# --- Checkpoints, as in images/perl/session.pl. The first one turns this process into the keeper, which is a perl program, for bash can
# adopt nobody; the loop goes on in a subshell. A checkpoint is a subshell that reads from a pipe of its own, which others find below /proc,
# until it is told to fork the one that goes on. A subshell shares no jobs with its parent, so that nobody waits for anybody else's.
# Pipes: 92 wakes a checkpoint, 94 tells a pid, 95 hands a request on, 96 tells the keeper who goes on.

_nestbox_keep='
    syscall(157, 36, 1, 0, 0, 0) == 0 or die "prctl: $!";
    open my $told, "<&=", 96;
    open my $ready, ">&=", 94;
    syswrite $ready, "ready\n";
    close $ready;
    $SIG{INT} = "IGNORE";
    require POSIX;
    my $active = shift;
    while ((my $pid = wait) > 0) {
        my $status = $?;
        for my $patience (0, 5) {
            vec(my $set = "", 96, 1) = 1;
            my $words;
            $active = (split " ", $words)[-1] if select($set, undef, undef, $patience) > 0 && sysread $told, $words, 4096;
            last if $active; # 0: a restore has begun, and who is woken says so itself.
        }
        next if $active && $pid != $active;
        if (my $signal = $status & 127) {
            POSIX::sigaction($signal, POSIX::SigAction->new("DEFAULT")) if $signal != 9;
            kill $signal, $$;
            sleep 1;
        }
        POSIX::_exit($active ? $status >> 8 : 70);
    }
    POSIX::_exit(70);'

# Whether $1 is one of our checkpoints.
_nestbox_keeps() {
    local line
    [[ -n $_nestbox_keeper && $1 =~ ^[0-9]+$ && $1 != "$BASHPID" ]] || return
    { builtin read -r line <"/proc/$1/stat"; } 2>/dev/null || return
    [[ ${line##*) } == [!Z]' '"$_nestbox_keeper "* ]]
}

_nestbox_drop() {
    _nestbox_number ref
    local ref=$_nestbox_text idle
    _nestbox_fields='"ok":false,"error":"there is no such checkpoint"'
    _nestbox_keeps "$ref" || return
    builtin kill -KILL "$ref"
    while _nestbox_keeps "$ref"; do builtin read -r -t 0.001 -u 94 idle; done
    _nestbox_fields='"ok":true'
}

# Hands over to a checkpoint, unless there is none of this reference.
_nestbox_restore() {
    local id name ref
    _nestbox_number ref
    ref=$_nestbox_text
    _nestbox_fields='"ok":false,"error":"there is no such checkpoint"'
    _nestbox_keeps "$ref" || return
    _nestbox_string id
    _nestbox_quote "$_nestbox_text"
    id=$_nestbox_text
    _nestbox_string name
    _nestbox_quote "$_nestbox_text"
    printf '%s\n' "{\"type\":\"restored\",\"id\":$id,\"name\":$_nestbox_text}" >&95
    printf '0 ' >&96
    trap - EXIT
    printf 'go\n' >"/proc/$ref/fd/92"
    builtin exit 0
}

# What is done by whoever goes on. As text, like the loop, because in a function `declare` of a cell would be local.
_nestbox_go_on='
    trap "" INT
    trap "$_nestbox_on_exit" EXIT
    _nestbox_owner=$BASHPID
    eval "$_nestbox_loop"
    builtin exit 0'

_nestbox_checkpoint='
    if [[ -z $_nestbox_keeper ]]; then
        exec 94<> <(:) 95<> <(:) 96<> <(:)
        _nestbox_keeper=$BASHPID
        { builtin read -r -u 94 _nestbox_text; _nestbox_kept=("$_nestbox_body" "${_nestbox_kept[@]}"); eval "$_nestbox_go_on"; } <&0 &
        exec perl -e "$_nestbox_keep" $!
        _nestbox_lost "checkpoint: there is no perl"
    fi
    ({
        exec 92<> <(:)
        printf "%s\n" "$BASHPID" >&94
        while builtin read -r -u 92 _nestbox_text; do
            ({
                exec 92<&-
                printf "%s " "$BASHPID" >&96
                builtin read -r -u 95 _nestbox_text
                _nestbox_send "$_nestbox_text"
                eval "$_nestbox_go_on"
            } <&0 &)
        done
    } <&0 &)
    builtin read -r -u 94 _nestbox_text
    _nestbox_fields="\"ok\":true,\"ref\":$_nestbox_text"'

# The name that error messages begin with: `bash: line 1: …`.
BASH_ARGV0=bash
trap '' INT
printf -v _nestbox_initial ' %s' $(compgen -A variable)
_nestbox_send "{\"type\":\"ready\",\"protocol\":1,\"language\":\"bash\",\"version\":\"${BASH_VERSION%%(*}\",\"features\":[\"complete\",\"inspect\",\"is_complete\",\"variables\",\"checkpoint\",\"interrupt\"]}"

_nestbox_loop='while :; do
    if ((${#_nestbox_kept[@]})); then
        _nestbox_body=${_nestbox_kept[0]}
        _nestbox_kept=("${_nestbox_kept[@]:1}")
    else
        _nestbox_receive
    fi
    _nestbox_string type
    if [[ $_nestbox_text != execute ]]; then
        if [[ $_nestbox_text == checkpoint ]]; then
            eval "$_nestbox_checkpoint"
            _nestbox_made=$_nestbox_fields
        fi
        [[ $_nestbox_text == variables ]] && _nestbox_names=$(compgen -A variable) # Here, where no function has its own.
        _nestbox_answer
        continue
    fi
    _nestbox_string id
    _nestbox_running=$_nestbox_text
    _nestbox_string code
    _nestbox_unwinding=
    [[ -n $_nestbox_traced ]] && _nestbox_text="set -x; $_nestbox_text"
    _nestbox_traced=
    [[ $_nestbox_text =~ read\ [^\;\&\|]*-[a-zA-Z]*s ]] && _nestbox_hide
    trap "$_nestbox_on_interrupt" INT
    _nestbox_return "$_nestbox_status"
    source /dev/fd/99 99<<<"$_nestbox_text"
    {
        _nestbox_status=$?
        [[ -n $_nestbox_unwinding ]] || _nestbox_traced=${-//[!x]/}
        set +x
    } 2>/dev/null
    trap "" INT
    trap "$_nestbox_on_exit" EXIT
    [[ -n $_nestbox_unwinding ]] && exec 0<&98 98<&-
    set +eu

    _nestbox_done "${_nestbox_unwinding:-ok}"
done'

trap "$_nestbox_on_exit" EXIT
eval "$_nestbox_loop"
