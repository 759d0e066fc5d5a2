% The driver of a live session for Octave. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
%
% Octave cannot open a descriptor by its number: two cats hand commands and records on. Cells are evaluated in the base workspace, and print what
% they do not end in a semicolon, as always. Octave ends a script that is interrupted, and lets nothing catch it: it runs in a process group of
% its own (setsid), which no SIGINT reaches, and a cell that has to be interrupted ends the session.
1;

function nestbox_send (varargin)
  persistent records;
  if (isempty (records))
    records = popen ("exec bash -c 'exec cat >&101'", "w");
  endif
  data = uint8 (["{" strjoin(cellfun (@(name, value) [jsonencode(name) ":" value], varargin(1:2:end), varargin(2:2:end), "UniformOutput", false), ",") "}"]);
  size = numel (data);
  fwrite (records, [uint8([bitshift(size, -24), bitand(bitshift (size, -16), 255), bitand(bitshift (size, -8), 255), bitand(size, 255)]), data]);
  fflush (records);
endfunction

% A text as JSON, of at most so many bytes.
function text = nestbox_quote (text, limit)
  if (! ischar (text))
    text = "";
  endif
  text = reshape (text.', 1, []);
  if (numel (text) > limit)
    text = text(1:limit);
    last = find (bitand (uint8 (text), 192) != 128, 1, "last");
    if (! isempty (last) && uint8 (text(last)) >= 192)
      text = text(1:last - 1);
    endif
  endif
  text = jsonencode (text);
  if (isempty (text) || strcmp (text, "[]"))
    text = '""';
  endif
endfunction

% The end of the pipe that commands come from. With an argument, it ends the cat behind it, which octave would wait for when it exits.
function file = nestbox_commands (leave)
  persistent commands = [] cat = 0;
  if (nargin > 0)
    if (cat > 0)
      kill (cat, 9);
    endif
    return;
  endif
  if (isempty (commands))
    [unused, commands, cat] = popen2 ("bash", {"-c", "exec cat <&100"});
    fcntl (commands, F_SETFL, bitand (fcntl (commands, F_GETFL, 0), bitcmp (uint32 (O_NONBLOCK))));
  endif
  file = commands;
endfunction

function record = nestbox_receive ()
  commands = nestbox_commands ();
  head = fread (commands, 4, "uint8");
  if (numel (head) < 4)
    nestbox_running ("");
    exit (0); % The service is gone or has closed the session.
  endif
  size = head(1) * 16777216 + head(2) * 65536 + head(3) * 256 + head(4);
  if (size > 1048576)
    fputs (stderr, "session: channel: record too large\n");
    exit (70);
  endif
  record = jsondecode (char (fread (commands, size, "uint8")).');
endfunction

% The id of the cell that runs: sets it, if there is an argument.
function id = nestbox_running (value)
  persistent current = "";
  if (nargin > 0)
    current = value;
  endif
  id = current;
endfunction

function nestbox_done (status)
  id = nestbox_running ();
  nestbox_running ("");
  if (! isempty (id))
    fflush (stdout);
    fflush (stderr);
    nestbox_send ("type", '"done"', "id", nestbox_quote (id, 64), "status", ['"' status '"']);
  endif
endfunction

% `exit` in a cell.
function nestbox_leave ()
  nestbox_done ("ok");
  nestbox_commands ("leave");
endfunction

function nestbox_execute (record)
  nestbox_running (record.id);
  status = "ok";
  try
    evalin ("base", record.code);
  catch problem
    status = "error";
    name = problem.identifier;
    if (isempty (name))
      name = "error";
    endif
    lines = {problem.message};
    for frame = problem.stack.'
      if (strncmp (frame.name, "nestbox_", 8))
        break;
      endif
      lines{end + 1} = sprintf ("    %s at line %d column %d", frame.name, frame.line, frame.column);
    endfor
    lines = cellfun (@(line) nestbox_quote (line, 600), [strsplit(lines{1}, "\n"), lines(2:end)], "UniformOutput", false);
    nestbox_send ("type", '"error"', "id", nestbox_quote (record.id, 64), "exception", nestbox_quote (name, 200), "message", nestbox_quote (problem.message, 8000), "traceback", ["[" strjoin(lines(1:min (end, 200)), ",") "]"]);
  end_try_catch
  nestbox_done (status);
endfunction

function fields = nestbox_answer (record)
  switch (record.type)
    case "complete"
      before = unicode2native (record.code, "UTF-8");
      starts = find (bitand (before, 192) != 128);
      before = native2unicode (before(1:[starts(2:end) - 1, numel(before)](max (1, min (record.cursor, end)))), "UTF-8");
      prefix = regexp (before, '\w*$', "match", "once");
      names = {};
      if (! isempty (prefix))
        % Of the base workspace, whose variables the function below does not see.
        names = [evalin("base", "who")(:); cellstr(completion_matches (prefix))];
        names = unique (names(strncmp (names, prefix, numel (prefix))));
        names = names(! strncmp (names, "nestbox_", 8) & ! cellfun (@isempty, names));
      endif
      matches = cell (1, min (numel (names), 200));
      for i = 1:numel (matches)
        matches{i} = ['{"text":' nestbox_quote(names{i}, 200) ',"type":' ifelse_(evalin ("base", sprintf ("exist (\"%s\")", names{i})) == 1, '"instance"', '"function"') "}"];
      endfor
      fields = {"matches", ["[" strjoin(matches, ",") "]"], "start", sprintf("%d", record.cursor - numel (prefix)), "end", sprintf("%d", record.cursor)};
    case "inspect"
      name = regexp (record.code(1:min (end, record.cursor)), '[\w]*(?=\(?$)', "match", "once");
      fields = {"found", "false", "data", "{}"};
      if (isempty (name))
        return;
      endif
      if (evalin ("base", sprintf ("exist (\"%s\", \"var\")", name)))
        fields = {"found", "true", "data", ['{"text/plain":' nestbox_quote([name ": " nestbox_short(evalin ("base", name))], 60000) "}"]};
      elseif (exist (name))
        [text, format] = get_help_text (name);
        if (strcmp (format, "texinfo"))
          text = regexprep (regexprep (text, '@\w+\{([^{}]*)\}', "$1"), '(?m)^(--|@).*$\n?', "");
        endif
        fields = {"found", "true", "data", ['{"text/plain":' nestbox_quote(strtrim ([name "\n" text]), 60000) "}"]};
      endif
    case "is_complete"
      [status, indent] = nestbox_is_complete (record.code);
      fields = {"status", ['"' status '"'], "indent", nestbox_quote(indent, 200)};
    case "variables"
      names = evalin ("base", "who");
      rows = cell (1, min (numel (names), 200));
      for i = 1:numel (rows)
        value = evalin ("base", names{i});
        rows{i} = ['{"name":' nestbox_quote(names{i}, 200) ',"type":' nestbox_quote(class (value), 200) ',"repr":' nestbox_quote(nestbox_short (value), 200) sprintf(',"size":%d}', sizeof (value))];
      endfor
      fields = {"variables", ["[" strjoin(rows, ",") "]"]};
    otherwise
      fields = {"error", '"unknown type"'};
  endswitch
endfunction

% Whether a cell is whole: by its brackets and by the words that begin and end blocks, without strings and comments. Only what is whole is parsed,
% in a branch that is not taken. A cell that is long is not looked at.
function [status, indent] = nestbox_is_complete (code)
  persistent begins = {"if", "while", "for", "parfor", "switch", "do", "try", "unwind_protect", "function"};
  persistent inner = {"else", "elseif", "case", "otherwise", "catch", "unwind_protect_cleanup"};
  status = "unknown";
  last = regexp (code, '[^\n]*$', "match", "once");
  indent = regexp (last, '^[ \t]*', "match", "once");
  if (numel (code) > 50000)
    return;
  endif
  text = regexprep (code, '(?sm)^[ \t]*[%#]\{[ \t]*$.*?^[ \t]*[%#]\}[ \t]*$', "");
  text = regexprep (text, '"(?:[^"\\\n]|\\.|"")*"|(?<![\w\)\]\}''.])''(?:[^''\n]|'''')*''|[%#](?!\{[ \t]*(?:\n|$))[^\n]*', '""');
  status = "incomplete";
  blocks = brackets = 0;
  for word = regexp (text, '(?<![\w.])[A-Za-z_]\w*|[\[\](){}]', "match")
    word = word{1};
    if (any (strcmp (word, {"(", "[", "{"})))
      brackets++;
    elseif (any (strcmp (word, {")", "]", "}"})))
      brackets--;
    elseif (brackets == 0 && any (strcmp (word, begins)))
      blocks++;
    elseif (brackets == 0 && (strcmp (word, "until") || strncmp (word, "end", 3) && any (strcmp (word(4:end), [begins, {"", "_try_catch", "_unwind_protect"}]))))
      blocks--;
    endif
    if (brackets < 0 || blocks < 0)
      status = "invalid";
      return;
    endif
  endfor
  if (blocks > 0 || brackets > 0 || ! isempty (regexp (text, '\.\.\.\s*$|(?m)^[ \t]*[%#]\{[ \t]*$', "once")))
    if (any (strcmp (regexp (last, '[A-Za-z_]\w*', "match", "once"), [begins, inner])))
      indent = [indent "  "];
    endif
    return;
  endif
  try
    eval (["if (false)\n" code "\nendif"]);
    status = "complete";
  catch
    status = "invalid";
  end_try_catch
endfunction

function value = ifelse_ (condition, one, other)
  value = other;
  if (condition)
    value = one;
  endif
endfunction

function text = nestbox_short (value)
  if (ischar (value) && rows (value) <= 1)
    text = ['"' value(1:min (end, 150)) '"'];
  elseif ((isnumeric (value) || islogical (value)) && numel (value) <= 20 && ndims (value) == 2)
    text = mat2str (value, 5);
  else
    text = [strjoin(arrayfun (@(n) sprintf ("%d", n), size (value), "UniformOutput", false), "x") " " class(value)];
  endif
endfunction

function nestbox_main ()
  unlink ("session.m"); % Nobody needs it any more, and a cell should find its folder empty.
  page_screen_output (false);
  atexit ("nestbox_leave");
  nestbox_send ("type", '"ready"', "protocol", "1", "language", '"octave"', "version", nestbox_quote (version (), 64), "features", '["complete","inspect","is_complete","variables"]');
  while (true)
    record = nestbox_receive ();
    if (strcmp (record.type, "execute"))
      nestbox_execute (record);
    elseif (! strcmp (record.type, "interrupt"))
      try
        fields = nestbox_answer (record);
      catch problem
        fields = {"error", nestbox_quote(problem.message, 500)};
      end_try_catch
      nestbox_send ("type", '"answer"', "id", nestbox_quote (record.id, 64), fields{:});
    endif
  endwhile
endfunction

nestbox_main ();
