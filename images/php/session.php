<?php
// The driver of a live session for PHP. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
//
// A cell is included from a stream wrapper of this file, in the global scope, as cell://ID: that is the name in messages. Its value is that of what
// follows its last `;` or `}`. What PHP ends a process for (a class that cannot be declared) ends the session; a function or class that is
// declared again would, and so is refused before.

namespace Nestbox {

    /** Thrown into a cell that is interrupted. */
    final class Interrupted extends \Error {}

    final class Rich
    {
        public function __construct(public string $mime, public string $content) {}
        public function mimeBundle(): array { return [$this->mime => $this->content]; }
    }

    function html(string $content): Rich { return new Rich('text/html', $content); }
    function svg(string $content): Rich { return new Rich('image/svg+xml', $content); }
    function png(string $content): Rich { return new Rich('image/png', $content); }
    function markdown(string $content): Rich { return new Rich('text/markdown', $content); }

    /** Shows a value now. With an id it can be changed later: update($value, $id). */
    function display(mixed $value, ?string $id = null, bool $update = false): void
    {
        $data = Driver::fitting(['text/plain' => Driver::cut(Driver::text($value), Driver::TEXT)] + Driver::bundle($value));
        $extra = $id === null ? [] : ['display_id' => Driver::cut($id, 200), 'update' => $update];
        Driver::send(['type' => 'display', 'id' => Driver::$current, 'data' => $data] + $extra);
    }

    function update(mixed $value, string $id): void { display($value, $id, true); }

    function clear(bool $wait = false): void { Driver::send(['type' => 'clear', 'id' => Driver::$current, 'wait' => $wait]); }

    final class Driver
    {
        public const RECORD = 1 << 20, TEXT = 64 << 10, ROWS = 200, CHECKPOINTS = 16;
        public static ?string $current = null;
        public static array $sources = [];
        private static $in, $out, $libc = null;
        private static ?string $running = null;
        private static bool $asked = false;
        private static array $kept = [], $channel = [];
        private static int $owner = 0, $keeper = 0;
        private static $told, $asks;

        private static function lost(string $reason): never
        {
            self::$running = null;
            if (getmypid() === self::$owner) fwrite(STDERR, "session: $reason\n");
            exit(70);
        }

        // --- Records

        public static function send(array $record): void
        {
            if (getmypid() !== self::$owner) return;
            while (ob_get_level() > 0 && self::$running === null) @ob_end_flush();
            $data = json_encode($record, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
            if (strlen($data) > self::RECORD) throw new \LengthException('record too large');
            $data = pack('N', strlen($data)) . $data;
            while ($data !== '') {
                $count = @fwrite(self::$out, $data);
                if ($count === false) self::lost('channel: it cannot be written to');
                $data = substr($data, $count);
            }
        }

        private static function exactly(int $size): string
        {
            $data = '';
            while (strlen($data) < $size) {
                $part = @fread(self::$in, min($size - strlen($data), 1 << 16));
                if ($part === false || $part === '') {
                    if (!feof(self::$in)) continue; // A signal.
                    self::$running = null;
                    exit(0); // The service is gone or has closed the session.
                }
                $data .= $part;
            }
            return $data;
        }

        private static function receive(): array
        {
            $size = unpack('N', self::exactly(4))[1];
            if ($size > self::RECORD) self::lost('channel: record too large');
            return json_decode(self::exactly($size), true, 32, JSON_THROW_ON_ERROR);
        }

        /** The next record that is no interrupt: one that comes between cells is late. */
        public static function next(): array
        {
            do {
                $record = self::$kept ? array_shift(self::$kept) : self::receive();
            } while ($record['type'] === 'interrupt');
            return $record;
        }

        /** A SIGINT. It counts if an `interrupt` for the running cell has come; other records wait until the cell is done. */
        public static function signal(): void
        {
            if (getmypid() !== self::$owner) throw new Interrupted('interrupted');
            if (self::$running === null) return;
            while (true) {
                [$ready, $none] = [[self::$in], []];
                if (!@stream_select($ready, $none, $none, 0)) break;
                $record = self::receive();
                if ($record['type'] !== 'interrupt') self::$kept[] = $record;
                elseif ($record['id'] === self::$running) self::$asked = true;
            }
            if (self::$asked) throw new Interrupted('the cell was interrupted');
        }

        // --- Cells

        /** Begins a cell: what is to be included. @throws \Error for what PHP would end the process for. */
        public static function begin(array $record): string
        {
            [self::$running, self::$current, self::$asked] = [$record['id'], $record['id'], false];
            $code = preg_replace('/^\s*<\?php\b/', '', $record['code']);
            [$head, $tail] = self::split($code);
            self::$sources = [$record['id'] => "<?php $code\n; return null;"];
            if (trim($tail) !== '') {
                try {
                    token_get_all("<?php $head return ($tail\n);", TOKEN_PARSE);
                    self::$sources = [$record['id'] => "<?php $head return ($tail\n);"];
                } catch (\ParseError) {
                } // A statement without its semicolon, or an error that including it tells.
            }
            return "cell://{$record['id']}";
        }

        /** Parts a cell behind its last `;` or `}` outside of brackets, and looks at what it declares. */
        private static function split(string $code): array
        {
            [$tokens, $depth, $end, $place] = [\PhpToken::tokenize("<?php $code"), 0, 6, null];
            foreach ($tokens as $index => $token) {
                if (in_array($token->text, ['{', '(', '[']) || in_array($token->id, [T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES, T_ATTRIBUTE])) $depth++;
                if (in_array($token->text, ['}', ')', ']'])) $depth--;
                if ($depth === 0 && $token->text === ';') $end = $token->pos + 1;
                if ($depth === 0 && $token->text === '}') {
                    $place = $token->pos + 1;
                    $next = $index + 1;
                    while (isset($tokens[$next]) && $tokens[$next]->isIgnorable()) $next++;
                    // Of a block; after a closure, `match` or a subscript the expression goes on, or ends here.
                    if (isset($tokens[$next]) && preg_match('/^[\w$\'"\\\\\[(]/', $tokens[$next]->text) && !in_array($tokens[$next]->text, ['[', '('])) $end = $place;
                }
                if ($depth === 0 && in_array($token->id, [T_FUNCTION, T_CLASS, T_INTERFACE, T_TRAIT, T_ENUM])) {
                    $name = $index + 1;
                    while (isset($tokens[$name]) && ($tokens[$name]->isIgnorable() || $tokens[$name]->text === '&')) $name++;
                    $before = $index - 1;
                    while ($before > 0 && $tokens[$before]->isIgnorable()) $before--;
                    if (($tokens[$name]->id ?? 0) !== T_STRING || in_array($tokens[$before]->id, [T_NEW, T_USE, T_DOUBLE_COLON])) continue;
                    $word = $tokens[$name]->text;
                    $known = $token->id === T_FUNCTION ? function_exists($word) : class_exists($word, false) || interface_exists($word, false) || trait_exists($word, false);
                    if ($known) throw new \Error("Cannot redeclare $word: PHP cannot declare a name again");
                }
            }
            $whole = "<?php $code";
            $end = min($end, strlen($whole));
            return [substr($whole, 6, $end - 6), substr($whole, $end)];
        }

        /** Ends a cell: reports its value or what it threw, and that it is done. */
        public static function end(mixed $value, ?\Throwable $error, bool $silent): void
        {
            [$id, $status] = [self::$running, 'ok'];
            try {
                try {
                    if ($error !== null) throw $error;
                    if ($value !== null && !$silent) self::report($id, $value);
                } catch (\Throwable $error) {
                    $status = $error instanceof Interrupted && self::$asked ? 'interrupted' : 'error';
                    self::failed($id, $error);
                }
            } catch (Interrupted) { // One that came just as the cell was done.
                $status = 'interrupted';
            }
            self::$running = null;
            while (ob_get_level() > 0 && @ob_end_flush());
            if (getmypid() !== self::$owner) exit($status === 'ok' ? 0 : 1); // A child that the cell forked has come to the cell's end: it is at its own.
            pcntl_async_signals(true);
            pcntl_signal(SIGINT, [self::class, 'signal'], false);
            clearstatcache();
            if (self::identity() !== self::$channel) self::lost('channel: the cell has closed or replaced descriptors 100 and 101');
            self::send(['type' => 'done', 'id' => $id, 'status' => $status]);
            error_clear_last();
        }

        /** `exit` in a cell, or what PHP ends the process for. */
        public static function leave(): void
        {
            if (self::$running === null || getmypid() !== self::$owner) return;
            [$id, self::$running] = [self::$running, null];
            $fatal = error_get_last();
            $fatal = $fatal && $fatal['type'] & (E_ERROR | E_COMPILE_ERROR | E_CORE_ERROR | E_PARSE) ? $fatal : null;
            if ($fatal) {
                $message = self::cut($fatal['message'], 8000);
                $lines = explode("\n", "Fatal error: $message in {$fatal['file']} on line {$fatal['line']}");
                self::send(['type' => 'error', 'id' => $id, 'exception' => 'Fatal error', 'message' => $message, 'traceback' => array_slice($lines, 0, 200)]);
            }
            self::send(['type' => 'done', 'id' => $id, 'status' => $fatal ? 'error' : 'ok']);
        }

        private static function failed(string $id, \Throwable $error): void
        {
            $lines = [];
            for ($part = $error; $part !== null && count($lines) < 300; $part = $part->getPrevious()) {
                $title = get_class($part) . ': ' . $part->getMessage() . (str_starts_with($part->getFile(), 'cell:') ? " in {$part->getFile()}:{$part->getLine()}" : '');
                $calls = [];
                foreach (array_slice($part->getTrace(), 0, 200) as $call) {
                    if (!str_starts_with($call['file'] ?? '', 'cell:') && !isset($call['file'])) $call['file'] = '[internal]';
                    if ($call['file'] === __FILE__ || ($call['class'] ?? '') === self::class || in_array($call['function'], ['include', 'require'])) continue;
                    $calls[] = "  at " . ($call['class'] ?? '') . ($call['type'] ?? '') . "{$call['function']}() called in {$call['file']}" . (isset($call['line']) ? ":{$call['line']}" : '');
                }
                array_push($lines, ...explode("\n", $title), ...$calls);
            }
            $lines = array_map(fn ($line) => self::cut($line, 600), $lines);
            self::send(['type' => 'error', 'id' => $id, 'exception' => self::cut(get_class($error), 200), 'message' => self::cut($error->getMessage(), 8000), 'traceback' => $lines]);
        }

        private static function report(string $id, mixed $value): void
        {
            $text = self::text($value);
            $record = ['type' => 'result', 'id' => $id, 'repr' => self::cut($text, self::TEXT), 'truncated' => strlen($text) > self::TEXT];
            $budget = 20000;
            if (self::plain($value, 0, $budget) && strlen(json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES)) <= self::TEXT) $record['value'] = $value;
            $data = self::bundle($value);
            if ($data) $record['data'] = self::fitting($data);
            self::send($record);
        }

        public static function text(mixed $value, int $depth = 0): string
        {
            if (is_array($value) && $depth < 6) {
                $budget = 2000;
                if (!self::plain($value, 0, $budget)) return print_r($value, true);
                $list = array_is_list($value);
                $parts = array_map(fn ($key, $item) => ($list ? '' : var_export($key, true) . ' => ') . self::text($item, $depth + 1), array_keys($value), $value);
                return '[' . implode(', ', $parts) . ']';
            }
            return is_scalar($value) || $value === null ? ($value === null ? 'null' : var_export($value, true)) : print_r($value, true);
        }

        /** Whether it is JSON as it stands, and not too much of it. */
        private static function plain(mixed $value, int $depth, int &$budget): bool
        {
            if (--$budget < 0 || $depth > 30) return false;
            if (is_int($value)) return abs($value) < 2 ** 53;
            if (is_float($value)) return is_finite($value);
            if (is_string($value)) return strlen($value) <= self::TEXT && mb_check_encoding($value, 'UTF-8');
            if (!is_array($value)) return is_bool($value) || $value === null;
            foreach ($value as $key => $item) {
                if (!mb_check_encoding((string) $key, 'UTF-8') || !self::plain($item, $depth + 1, $budget)) return false;
            }
            return true;
        }

        /** What an object itself offers in other formats. */
        public static function bundle(mixed $value): array
        {
            if (!is_object($value)) return [];
            $data = method_exists($value, 'mimeBundle') ? $value->mimeBundle() : [];
            foreach (['toHtml' => 'text/html', 'toSvg' => 'image/svg+xml', 'toPng' => 'image/png', 'toMarkdown' => 'text/markdown'] as $method => $mime) {
                if (method_exists($value, $method) && is_callable([$value, $method])) $data[$mime] ??= $value->$method();
            }
            return is_array($data) ? $data : [];
        }

        public static function fitting(array $data): array
        {
            [$kept, $notes, $room] = [[], [], self::RECORD - (160 << 10)];
            foreach (array_slice($data, 0, 50) as $mime => $content) {
                $content = preg_match('{^image/(?!svg)}', $mime) ? base64_encode((string) $content) : (string) $content;
                $size = strlen(json_encode($content, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE));
                if ($size <= $room) [$kept[self::cut($mime, 100)], $room] = [$content, $room - $size];
                else $notes[] = "<$mime, $size bytes: too large to show>";
            }
            if ($notes) $kept['text/plain'] = implode("\n", [...(isset($kept['text/plain']) ? [$kept['text/plain']] : []), ...array_slice($notes, 0, 20)]);
            return $kept;
        }

        /** At most so many bytes, by whole characters. */
        public static function cut(string $text, int $limit): string { return strlen($text) <= $limit ? $text : mb_strcut($text, 0, $limit, 'UTF-8'); }

        // --- Questions, while no cell runs

        private const WORDS = ['abstract', 'array', 'as', 'break', 'case', 'catch', 'class', 'clone', 'const', 'continue', 'declare', 'default', 'do', 'echo', 'else', 'elseif',
            'empty', 'enum', 'extends', 'final', 'finally', 'fn', 'for', 'foreach', 'function', 'global', 'if', 'implements', 'include', 'instanceof', 'interface', 'isset', 'list',
            'match', 'namespace', 'new', 'null', 'print', 'private', 'protected', 'public', 'readonly', 'require', 'return', 'static', 'switch', 'throw', 'trait', 'true', 'false',
            'try', 'unset', 'use', 'while', 'yield'];

        private static function complete(array $record): array
        {
            $before = mb_substr($record['code'], 0, $record['cursor']);
            preg_match('/(?:(\$?)([\w\\\\]+)(->|::))?(\$?)(\w*)$/u', $before, $found);
            [, $dollar, $name, $arrow, $sigil, $prefix] = $found;
            $names = [];
            if ($arrow !== '') {
                $holder = $dollar ? ($GLOBALS[$name] ?? null) : $name;
                $class = is_object($holder) ? get_class($holder) : (is_string($holder) && !$dollar && class_exists($holder, false) ? $holder : null);
                if ($class) {
                    foreach (get_class_methods($class) as $item) $names[$item] = 'function';
                    foreach ((new \ReflectionClass($class))->getConstants() as $item => $_) if ($arrow === '::') $names[$item] = 'constant';
                    foreach (array_keys(get_class_vars($class)) as $item) $names[$item] = 'property';
                    if (is_object($holder)) foreach (array_keys(get_mangled_object_vars($holder)) as $item) $names[$item] = 'property';
                }
            } elseif ($sigil) {
                foreach (array_keys($GLOBALS) as $item) $names[$item] = 'variable';
            } else {
                foreach (self::WORDS as $item) $names[$item] = 'keyword';
                foreach (array_merge(...array_values(get_defined_functions())) as $item) $names[$item] = 'function';
                foreach (get_declared_classes() as $item) $names[$item] = 'class';
            }
            $chosen = array_filter(array_map('strval', array_keys($names)), fn ($item) => str_starts_with($item, $prefix) && preg_match('/^(?!__nestbox)\w+$/', $item));
            sort($chosen);
            $matches = array_map(fn ($item) => ['text' => $item, 'type' => $names[$item]], array_slice($chosen, 0, self::ROWS));
            return ['matches' => $matches, 'start' => $record['cursor'] - mb_strlen($prefix), 'end' => $record['cursor']];
        }

        private static function inspect(array $record): array
        {
            $before = mb_substr($record['code'], 0, $record['cursor']);
            preg_match('/^\w*/u', substr($record['code'], strlen($before)), $after);
            preg_match('/\$?[\w\\\\]*\(?$/u', $before, $found);
            $name = rtrim($found[0], '(') . $after[0];
            $text = null;
            if (str_starts_with($name, '$') && array_key_exists(substr($name, 1), $GLOBALS)) $text = "$name: " . get_debug_type($GLOBALS[substr($name, 1)]) . ' = ' . self::short($GLOBALS[substr($name, 1)]);
            elseif (function_exists($name)) {
                $function = new \ReflectionFunction($name);
                $parameters = array_map(fn ($item) => preg_replace('/^Parameter #\d+ \[ <\w+> (.*) \]$/', '$1', (string) $item), $function->getParameters());
                $text = "function $name(" . implode(', ', $parameters) . ')' . ($function->hasReturnType() ? ": {$function->getReturnType()}" : '') . "\n" . $function->getDocComment();
            } elseif (class_exists($name, false)) $text = "class $name\n\n" . implode("\n", get_class_methods($name));
            return $text === null ? ['found' => false, 'data' => new \stdClass()] : ['found' => true, 'data' => ['text/plain' => self::cut(trim($text), self::TEXT)]];
        }

        private static function is_complete(array $record): array
        {
            $code = preg_replace('/^\s*<\?php\b/', '', $record['code']);
            foreach (["<?php $code", "<?php $code\n;"] as $whole) {
                try {
                    token_get_all($whole, TOKEN_PARSE);
                    return ['status' => 'complete'];
                } catch (\ParseError $error) {
                    $first ??= $error;
                }
            }
            if (!preg_match('/end of file|Unclosed|Unterminated comment|unexpected string content|unexpected token "\\\\?"", expecting|encapsed/', $first->getMessage())) return ['status' => 'invalid'];
            preg_match('/([ \t]*)[^\n]*$/', $code, $line);
            return ['status' => 'incomplete', 'indent' => $line[1] . (preg_match('/[{(\[]\s*$/', $code) ? '    ' : '')];
        }

        private static function short(mixed $value): string
        {
            if (is_object($value)) return '<' . get_class($value) . ' object>';
            if (is_resource($value)) return '<' . get_resource_type($value) . '>';
            if (is_string($value)) return self::cut(var_export(self::cut($value, 200), true), 200);
            if (!is_array($value)) return var_export($value, true);
            $list = array_is_list($value);
            $parts = array_map(fn ($key, $item) => ($list ? '' : var_export($key, true) . ' => ') . (is_array($item) ? '[…]' : self::short($item)), array_slice(array_keys($value), 0, 10), array_slice($value, 0, 10));
            return '[' . implode(', ', $parts) . (count($value) > 10 ? ', …' : '') . ']';
        }

        private static function variables(): array
        {
            $rows = [];
            foreach ($GLOBALS as $name => $value) {
                if ($name[0] === '_' || in_array($name, ['argv', 'argc', 'GLOBALS']) || count($rows) >= self::ROWS) continue;
                $size = is_string($value) ? strlen($value) : (is_array($value) ? count($value) : 0);
                $rows[] = ['name' => self::cut((string) $name, 200), 'type' => self::cut(get_debug_type($value), 200), 'repr' => self::cut(self::short($value), 200), 'size' => $size];
            }
            return ['variables' => $rows];
        }

        public static function answer(array $record): void
        {
            try {
                $fields = match ($record['type']) {
                    'complete' => self::complete($record), 'inspect' => self::inspect($record), 'is_complete' => self::is_complete($record), 'variables' => self::variables(),
                    'checkpoint' => self::checkpoint(), 'restore', 'drop' => self::manage($record), default => ['error' => 'unknown type'],
                };
            } catch (\Throwable $error) {
                $fields = ['error' => self::cut(get_class($error) . ': ' . $error->getMessage(), 500)] + ($record['type'] === 'checkpoint' ? ['ok' => false] : []);
            }
            if ($fields) self::send(['type' => 'answer', 'id' => $record['id']] + $fields);
        }

        // --- Checkpoints, as in images/python/session.py: the first turns this process into the keeper, which waits; a checkpoint is a fork
        // that sleeps until SIGUSR1 asks it to fork the one that goes on; the keeper adopts all (PR_SET_CHILD_SUBREAPER).

        private static function fork(): int
        {
            $pid = pcntl_fork();
            if ($pid < 0) throw new \RuntimeException('fork failed');
            return $pid;
        }

        private static function finish(int $status): never
        {
            self::$libc->_exit($status);
            exit($status);
        }

        private static function becomeKeeper(): void
        {
            if (self::$libc === null || self::$libc->prctl(36, 1, 0, 0, 0) !== 0) throw new \RuntimeException('prctl is not to be had');
            [self::$told, self::$asks] = [stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0), stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0)];
            self::$keeper = self::$owner;
            $active = self::fork();
            if ($active === 0) {
                self::$owner = getmypid();
                return;
            }
            pcntl_signal(SIGINT, SIG_IGN);
            while (true) {
                $pid = pcntl_wait($status);
                if ($pid < 0) continue;
                foreach ([0, 5] as $patience) {
                    [$ready, $none] = [[self::$told[0]], []];
                    if (stream_select($ready, $none, $none, $patience)) $active = (int) array_slice(explode(' ', trim(fread(self::$told[0], 4096))), -1)[0];
                    if ($active) break; // 0: a restore has begun, and who is woken says so itself.
                }
                if ($active && $pid !== $active) continue;
                if (pcntl_wifsignaled($status)) {
                    if (!in_array(pcntl_wtermsig($status), [9, 19])) pcntl_signal(pcntl_wtermsig($status), SIG_DFL);
                    posix_kill(getmypid(), pcntl_wtermsig($status));
                    sleep(1);
                }
                self::finish($active ? pcntl_wexitstatus($status) : 70);
            }
        }

        /** Forks a process that is not our child. Returns its pid here, and 0 there. */
        private static function forkAside(): int
        {
            [$in, $out] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
            $middle = self::fork();
            if ($middle > 0) {
                fclose($out);
                pcntl_waitpid($middle, $status);
                return (int) fread($in, 32) ?: throw new \RuntimeException('fork failed');
            }
            $pid = self::fork();
            if ($pid === 0) return 0;
            fwrite($out, (string) $pid);
            self::finish(0);
        }

        /** Whether it is one of our sleeping interpreters. */
        private static function keeps(mixed $ref): bool
        {
            if (!is_numeric($ref) || !self::$keeper || (int) $ref === self::$owner) return false;
            $text = @file_get_contents("/proc/" . (int) $ref . "/stat");
            return $text && preg_match('/.*\) (\S) (\d+)/', $text, $found) && $found[1] !== 'Z' && (int) $found[2] === self::$keeper;
        }

        private static function checkpoint(): ?array
        {
            if (!self::$keeper) self::becomeKeeper();
            if (count(array_filter(scandir('/proc'), fn ($name) => ctype_digit($name) && self::keeps($name))) >= self::CHECKPOINTS) return ['ok' => false, 'error' => 'there are ' . self::CHECKPOINTS . ' checkpoints: drop one first'];
            pcntl_sigprocmask(SIG_BLOCK, [SIGUSR1]);
            $ref = self::forkAside();
            if ($ref) {
                pcntl_sigprocmask(SIG_UNBLOCK, [SIGUSR1]);
                return ['ok' => true, 'ref' => $ref];
            }
            pcntl_signal(SIGINT, SIG_IGN);
            do {
                while (pcntl_sigwaitinfo([SIGUSR1]) !== SIGUSR1);
            } while (self::forkAside() !== 0);
            self::$owner = getmypid();
            fwrite(self::$told[1], self::$owner . ' ');
            mt_srand(random_int(0, PHP_INT_MAX));
            pcntl_signal(SIGINT, [self::class, 'signal'], false);
            pcntl_sigprocmask(SIG_UNBLOCK, [SIGUSR1]);
            self::send(['type' => 'restored'] + json_decode(fread(self::$asks[0], 4096), true));
            return null;
        }

        private static function manage(array $record): array
        {
            $ref = $record['ref'] ?? null;
            if (!self::keeps($ref)) return ['ok' => false, 'error' => 'there is no such checkpoint'];
            if ($record['type'] === 'drop') {
                posix_kill((int) $ref, SIGKILL);
                while (self::keeps($ref)) usleep(1000);
                return ['ok' => true];
            }
            fwrite(self::$asks[1], json_encode(['id' => $record['id'], 'name' => self::cut((string) ($record['name'] ?? ''), 200)]));
            fwrite(self::$told[1], '0 ');
            posix_kill((int) $ref, SIGUSR1);
            self::finish(0);
        }

        // --- Start

        private static function identity(): array { return array_map(fn ($number) => @stat("/proc/self/fd/$number")['ino'] ?? 0, [100, 101]); }

        public static function start(): void
        {
            @unlink(__FILE__); // Nobody needs it any more, and a cell should find its folder empty.
            self::$owner = getmypid(); // Whoever has another pid is a cell's child: it never answers.
            self::$channel = self::identity();
            [self::$in, self::$out] = [fopen('php://fd/100', 'r'), fopen('php://fd/101', 'w')];
            stream_set_read_buffer(self::$in, 0);
            stream_set_write_buffer(self::$out, 0);
            try {
                self::$libc = \FFI::cdef('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long); int fcntl(int, int, int); void _exit(int);');
                foreach (scandir('/proc/self/fd') as $name) { // Programs that cells start have no business with them.
                    if (in_array(@stat("/proc/self/fd/$name")['ino'] ?? 0, self::$channel)) self::$libc->fcntl((int) $name, 2, 1);
                }
            } catch (\Throwable) {
            } // Then children have them, and there are no checkpoints.
            stream_wrapper_register('cell', Cell::class);
            pcntl_async_signals(true);
            pcntl_signal(SIGINT, [self::class, 'signal'], false);
            register_shutdown_function([self::class, 'leave']);
            $features = ['complete', 'inspect', 'is_complete', 'variables', ...(self::$libc ? ['checkpoint'] : []), 'interrupt', 'rich'];
            self::send(['type' => 'ready', 'protocol' => 1, 'language' => 'php', 'version' => PHP_VERSION, 'features' => $features]);
        }
    }

    /** The stream wrapper that cells are included from. */
    final class Cell
    {
        public $context;
        private string $left = '';
        public function stream_open(string $path): bool { $this->left = Driver::$sources[substr($path, 7)] ?? ''; return $this->left !== ''; }
        public function stream_read(int $count): string { $part = substr($this->left, 0, $count); $this->left = substr($this->left, strlen($part)); return $part; }
        public function stream_eof(): bool { return $this->left === ''; }
        public function stream_stat(): array { return ['size' => strlen($this->left)]; }
        public function stream_set_option(): bool { return false; }
    }
}

namespace {
    \Nestbox\Driver::start();
    while (true) {
        $__nestbox = \Nestbox\Driver::next();
        if ($__nestbox['type'] !== 'execute') {
            \Nestbox\Driver::answer($__nestbox);
            continue;
        }
        try {
            $__nestbox = [include \Nestbox\Driver::begin($__nestbox), null, $__nestbox['silent'] ?? false];
        } catch (\Throwable $__nestbox) {
            $__nestbox = [null, $__nestbox, false];
        }
        \Nestbox\Driver::end(...$__nestbox);
    }
}
