(* The driver of a live session for OCaml. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.

   It is a script of the toplevel `ocaml-session`, which the image has built, and executes cells as that one executes what it reads. A cell's result is
   what the toplevel would print: the types of what it defines, and the value of its expressions. SIGINT becomes an exception, if an `interrupt` for the
   running cell has come. *)
let () = try Sys.remove "session.ml" with Sys_error _ -> () (* Nobody needs it any more, and a cell should find its folder empty. *)

exception Interrupted

let record_limit = 1 lsl 20
let text_limit = 64 lsl 10
let row_limit = 200
let owner = Unix.getpid () (* Whoever has another pid is a cell's child: it never answers. *)
let commands : Unix.file_descr = Obj.magic 100
let records : Unix.file_descr = Obj.magic 101
let inodes () = List.map (fun descriptor -> try (Unix.fstat descriptor).Unix.st_ino with Unix.Unix_error _ -> 0) [ commands; records ]
let channel = inodes ()
let running = ref None
let asked = ref false
let kept = Queue.create ()
let leave status = if Unix.getpid () = owner then (running := None; exit status) else Unix._exit status

let lost reason =
  if Unix.getpid () = owner then prerr_endline ("session: " ^ reason);
  running := None;
  Unix._exit 70

(* JSON *)

(* At most so many bytes, by whole characters; what is no UTF-8 is taken for Latin-1. *)
let rec cut text limit =
  let size = String.length text in
  let rec characters place =
    if place >= size then place
    else
      let lead = Char.code text.[place] in
      let length = if lead < 0x80 then 1 else if lead < 0xc2 then 0 else if lead < 0xe0 then 2 else if lead < 0xf0 then 3 else if lead < 0xf5 then 4 else 0 in
      let fine = ref (length > 0 && place + length <= size) in
      for index = 1 to length - 1 do
        if !fine && Char.code text.[place + index] land 0xc0 <> 0x80 then fine := false
      done;
      if not !fine then -1 else if place + length > limit then place else characters (place + length)
  in
  match characters 0 with
  | -1 when size > limit + 4 && characters_prefix text limit -> cut (String.sub text 0 (boundary text limit)) limit
  | -1 ->
      let buffer = Buffer.create (2 * size) in
      String.iter (fun c -> Buffer.add_utf_8_uchar buffer (Uchar.of_char c)) (String.sub text 0 (min size limit));
      cut (Buffer.contents buffer) limit
  | stop -> String.sub text 0 stop

and boundary text limit =
  let place = ref limit in
  while !place > 0 && Char.code text.[!place] land 0xc0 = 0x80 do decr place done;
  !place

and characters_prefix text limit = boundary text limit > limit - 4

let quoted ?(limit = record_limit) text =
  let buffer = Buffer.create (String.length text + 2) in
  Buffer.add_char buffer '"';
  String.iter
    (function
      | ('"' | '\\') as c -> Buffer.add_char buffer '\\'; Buffer.add_char buffer c
      | '\n' -> Buffer.add_string buffer "\\n"
      | c when Char.code c < 32 -> Buffer.add_string buffer (Printf.sprintf "\\u%04x" (Char.code c))
      | c -> Buffer.add_char buffer c)
    (cut text limit);
  Buffer.add_char buffer '"';
  Buffer.contents buffer

let obj fields = "{" ^ String.concat "," (List.map (fun (name, value) -> quoted name ^ ":" ^ value) fields) ^ "}"
let arr items = "[" ^ String.concat "," items ^ "]"

(* A command: an object of strings, numbers and words. *)
let decode text =
  let size = String.length text in
  let hex place = int_of_string ("0x" ^ String.sub text place 4) in
  let string_at place =
    let buffer = Buffer.create 64 in
    let rec loop place =
      match text.[place] with
      | '"' -> place + 1
      | '\\' when text.[place + 1] = 'u' ->
          let code = hex (place + 2) in
          if code land 0xfc00 = 0xd800 && place + 11 < size && text.[place + 6] = '\\' && text.[place + 7] = 'u' then (
            Buffer.add_utf_8_uchar buffer (Uchar.of_int (0x10000 + ((code land 1023) lsl 10) + (hex (place + 8) land 1023)));
            loop (place + 12))
          else (
            Buffer.add_utf_8_uchar buffer (if Uchar.is_valid code then Uchar.of_int code else Uchar.rep);
            loop (place + 6))
      | '\\' ->
          Buffer.add_char buffer (match text.[place + 1] with 'n' -> '\n' | 't' -> '\t' | 'r' -> '\r' | 'b' -> '\b' | 'f' -> '\012' | c -> c);
          loop (place + 2)
      | c -> Buffer.add_char buffer c; loop (place + 1)
    in
    let stop = loop place in
    (Buffer.contents buffer, stop)
  in
  let rec skip place = match text.[place] with ' ' | ',' | ':' | '{' | '\n' | '\t' | '\r' -> skip (place + 1) | _ -> place in
  let rec members place found =
    let place = skip place in
    if text.[place] = '}' then found
    else
      let name, place = string_at (place + 1) in
      let place = skip place in
      if text.[place] = '"' then
        let value, place = string_at (place + 1) in
        members place ((name, value) :: found)
      else
        let rec stop place = match text.[place] with ',' | '}' | ' ' -> place | _ -> stop (place + 1) in
        let last = stop place in
        members last ((name, String.sub text place (last - place)) :: found)
  in
  members 0 []

let field record name = try List.assoc name record with Not_found -> ""

(* The channel *)

let rec whole operation buffer place left =
  if left > 0 then
    match operation buffer place left with
    | 0 -> leave 0 (* The service is gone or has closed the session. *)
    | count -> whole operation buffer (place + count) (left - count)
    | exception Unix.Unix_error (Unix.EINTR, _, _) -> whole operation buffer place left
    | exception Unix.Unix_error _ -> lost "channel: cannot be used"

let send fields =
  if Unix.getpid () = owner then (
    let data = obj fields in
    let size = String.length data in
    if size > record_limit then failwith "record too large";
    let bytes = Bytes.create (4 + size) in
    Bytes.set_int32_be bytes 0 (Int32.of_int size);
    Bytes.blit_string data 0 bytes 4 size;
    whole (Unix.write records) bytes 0 (4 + size))

let receive () =
  let head = Bytes.create 4 in
  whole (Unix.read commands) head 0 4;
  let size = Int32.to_int (Bytes.get_int32_be head 0) in
  if size < 0 || size > record_limit then lost "channel: record too large";
  let data = Bytes.create size in
  whole (Unix.read commands) data 0 size;
  decode (Bytes.unsafe_to_string data)

let main_thread = Thread.id (Thread.self ())

(* A SIGINT. Other records wait until the cell is done. *)
let hit _ =
  if Unix.getpid () <> owner then raise Sys.Break;
  match !running with
  | None -> ()
  | Some id ->
      let rec look () =
        match Unix.select [ commands ] [] [] 0. with
        | [ _ ], _, _ ->
            let record = receive () in
            if field record "type" <> "interrupt" then Queue.add record kept else if field record "id" = id then asked := true;
            look ()
        | _ -> ()
        | exception Unix.Unix_error (Unix.EINTR, _, _) -> look ()
      in
      look ();
      if !asked then if Thread.id (Thread.self ()) = main_thread then raise Interrupted else (Thread.yield (); Unix.kill owner Sys.sigint)

(* Cells *)

let print_outcome = !Toploop.print_out_phrase
let outcomes : Outcometree.out_phrase list ref = ref []

let printed print value =
  let buffer = Buffer.create 256 in
  let formatter = Format.formatter_of_buffer buffer in
  print formatter value;
  Format.pp_print_flush formatter ();
  Buffer.contents buffer

let trimmed text = String.trim text

(* An expression's value as JSON, if it is that as it stands. *)
let json value =
  let open Outcometree in
  let exception No in
  let name = function Oide_ident { printed_name } -> printed_name | _ -> raise No in
  let rec encode = function
    | Oval_int number when abs number < 1 lsl 53 -> string_of_int number
    | Oval_float number when Float.is_finite number -> Printf.sprintf "%.17g" number
    | Oval_string (text, limit, Ostr_string) when String.length text <= limit -> quoted text
    | Oval_list items | Oval_array items | Oval_tuple items -> arr (List.map encode items)
    | Oval_constr (Oide_ident { printed_name = ("true" | "false") as word }, []) -> word
    | Oval_record fields -> obj (List.map (fun (label, value) -> (name label, encode value)) fields)
    | _ -> raise No
  in
  match encode value with text -> Some text | exception No -> None

let uninteresting = function
  | Outcometree.Ophr_eval (_, Outcometree.Otyp_constr (Outcometree.Oide_ident { printed_name = "unit" }, [])) -> true
  | Outcometree.Ophr_signature [] -> true
  | _ -> false

let report id =
  let shown = List.filter (fun outcome -> not (uninteresting outcome)) (List.rev !outcomes) in
  if shown <> [] then (
    let text = String.concat "\n" (List.map (fun outcome -> trimmed (printed print_outcome outcome)) shown) in
    if !asked then raise Interrupted; (* In a printer, where the toplevel catches it. *)
    let value = match !outcomes with Outcometree.Ophr_eval (value, _) :: _ -> json value | _ -> None in
    send
      ([ ("type", "\"result\""); ("id", quoted id); ("repr", quoted ~limit:text_limit text); ("truncated", string_of_bool (String.length text > text_limit)) ]
      @ match value with Some text when String.length text <= text_limit -> [ ("value", text) ] | _ -> []))

let contains text part =
  let size = String.length part in
  let rec look place = place + size <= String.length text && (String.sub text place size = part || look (place + 1)) in
  look 0

let failed id name message lines =
  let message = trimmed message in
  send
    [ ("type", "\"error\""); ("id", quoted id); ("exception", quoted ~limit:200 name); ("message", quoted ~limit:8000 message);
      ("traceback", arr (List.map (quoted ~limit:600) (List.filteri (fun index _ -> index < 200) (String.split_on_char '\n' message @ lines)))) ]

(* Down to the toplevel's own frames. *)
let frames text =
  let rec mine = function
    | line :: rest when contains line "cell e" || not (contains line "Toploop" || contains line "toplevel/" || contains line "session.ml" || contains line "Stdlib.") ->
        if line = "" || contains line "unknown location" then mine rest else line :: mine rest
    | line :: rest when contains line "Stdlib." -> line :: mine rest
    | _ -> []
  in
  mine (String.split_on_char '\n' text)

let exception_text exn = match Printexc.to_string exn with text -> text | exception Interrupted -> raise Interrupted | exception _ -> "the error cannot be printed"

let flush_all () =
  (try Format.pp_print_flush Format.std_formatter (); Format.pp_print_flush Format.err_formatter () with _ -> ());
  (try flush stdout with _ -> ());
  try flush stderr with _ -> ()

(* What an exception of the toplevel itself, such as a type error, says. *)
let complaint exn =
  let text = trimmed (printed Location.report_exception exn) in
  let text = if String.length text > 6 && String.sub text 0 6 = "Error:" then String.sub text 7 (String.length text - 7) else text in
  text

let run id code =
  let lexbuf = Lexing.from_string code in
  Location.init lexbuf ("cell " ^ id);
  Location.input_name := "cell " ^ id;
  Location.input_lexbuf := Some lexbuf;
  let buffer = Buffer.create 64 in
  let formatter = Format.formatter_of_buffer buffer in
  outcomes := [];
  let rec go = function
    | [] -> None
    | phrase :: rest ->
        Buffer.clear buffer;
        let fine = Toploop.execute_phrase true formatter phrase in
        Format.pp_print_flush formatter ();
        (match (!outcomes, fine) with
        | Outcometree.Ophr_exception (exn, shown) :: _, _ -> Some (exn, Some shown, Buffer.contents buffer)
        | _, true -> go rest
        | _, false -> Some (Failure (trimmed (Buffer.contents buffer)), None, ""))
  in
  go (Parse.use_file lexbuf)

let finish id status =
  running := None;
  flush_all ();
  if Unix.getpid () <> owner then Unix._exit (if status = "ok" then 0 else 1); (* A child that the cell forked is at its end. *)
  Sys.set_signal Sys.sigint (Sys.Signal_handle hit);
  if inodes () <> channel then lost "channel: the cell has closed or replaced descriptors 100 and 101";
  send [ ("type", "\"done\""); ("id", quoted id); ("status", quoted status) ]

let interrupted id =
  running := None;
  send [ ("type", "\"error\""); ("id", quoted id); ("exception", "\"Interrupted\""); ("message", "\"the cell was interrupted\""); ("traceback", "[]") ];
  "interrupted"

let execute record =
  let id = field record "id" in
  asked := false;
  running := Some id;
  let status =
    try
      match run id (field record "code") with
      | None -> if field record "silent" <> "true" then report id; "ok"
      | Some (Interrupted, _, _) -> interrupted id
      | Some (exn, shown, trace) ->
          let name = match shown with Some value -> trimmed (printed !Oprint.out_value value) | None -> "Error" in
          let name = match String.index_opt name ' ' with Some place when shown <> None -> String.sub name 0 place | _ -> name in
          let message = match exn with Failure text | Invalid_argument text -> text | _ -> (match shown with Some value -> printed !Oprint.out_value value | None -> exception_text exn) in
          failed id name message (frames trace);
          "error"
    with
    | Interrupted -> interrupted id
    | Stack_overflow -> failed id "Stack_overflow" "the stack is too deep" []; "error"
    | exn -> (match complaint exn with
              | text -> failed id (if contains text "Syntax error" then "Syntax error" else "Error") text []; "error"
              | exception Interrupted -> interrupted id
              | exception _ -> failed id (Printexc.exn_slot_name exn) (try Printexc.to_string exn with _ -> "the error cannot be printed") []; "error")
  in
  finish id status

(* Questions, while no cell runs *)

let keywords =
  [ "and"; "as"; "assert"; "begin"; "class"; "constraint"; "do"; "done"; "downto"; "else"; "end"; "exception"; "external"; "false"; "for"; "fun"; "function"; "functor"; "if"; "in";
    "include"; "inherit"; "initializer"; "lazy"; "let"; "match"; "method"; "module"; "mutable"; "new"; "nonrec"; "object"; "of"; "open"; "private"; "rec"; "sig"; "struct"; "then"; "to";
    "true"; "try"; "type"; "val"; "virtual"; "when"; "while"; "with" ]

let environment () = !Toploop.toplevel_env
let initial = ref Env.empty
let is_name c = match c with 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' | '\'' | '.' -> true | _ -> false
let characters text = let count = ref 0 in String.iter (fun c -> if Char.code c land 0xc0 <> 0x80 then incr count) text; !count

let upto record =
  let code = field record "code" and left = ref (int_of_string (field record "cursor")) and place = ref 0 in
  while !place < String.length code && (!left > 0 || Char.code code.[!place] land 0xc0 = 0x80) do
    if Char.code code.[!place] land 0xc0 <> 0x80 then decr left;
    incr place
  done;
  String.sub code 0 !place

let path_at_end text =
  let start = ref (String.length text) in
  while !start > 0 && is_name text.[!start - 1] do decr start done;
  String.sub text !start (String.length text - !start)

let split path = match String.rindex_opt path '.' with Some place -> (String.sub path 0 place, String.sub path (place + 1) (String.length path - place - 1)) | None -> ("", path)
let begins prefix name = String.length name >= String.length prefix && String.sub name 0 (String.length prefix) = prefix

let complete record =
  let before = upto record in
  let front, prefix = split (path_at_end before) in
  let inside = if front = "" then None else Some (Longident.unflatten (String.split_on_char '.' front) |> Option.get) in
  let env = environment () in
  let found = Hashtbl.create 64 in
  let add kind name = if begins prefix name && name <> "" && is_name name.[0] then Hashtbl.replace found name kind in
  (try
     Env.fold_values (fun name _ value () -> add (match (Ctype.repr value.Types.val_type).Types.desc with Types.Tarrow _ -> "function" | _ -> "instance") name) inside env ();
     Env.fold_modules (fun name _ _ () -> add "module" name) inside env ();
     if inside = None then (List.iter (add "keyword") keywords; List.iter (add "module") [ "List"; "String"; "Array"; "Hashtbl"; "Map"; "Set"; "Printf"; "Unix"; "Str"; "Thread" ])
   with Not_found -> ());
  let names = List.sort compare (Hashtbl.fold (fun name kind names -> (name, kind) :: names) found []) in
  let cursor = characters before in
  [ ("matches", arr (List.map (fun (name, kind) -> obj [ ("text", quoted name); ("type", quoted kind) ]) (List.filteri (fun index _ -> index < row_limit) names)));
    ("start", string_of_int (cursor - String.length prefix)); ("end", string_of_int cursor) ]

(* Only values whose types are the language's own are printed: what prints others may be the cells'. *)
let rec plain depth ty =
  depth < 8
  && match (Ctype.repr (Ctype.expand_head (environment ()) ty)).Types.desc with
     | Types.Tconstr (path, arguments, _) ->
         List.exists (Path.same path) Predef.[ path_int; path_char; path_string; path_bytes; path_float; path_bool; path_unit; path_list; path_array; path_option ] && List.for_all (plain (depth + 1)) arguments
     | Types.Ttuple items -> List.for_all (plain (depth + 1)) items
     | _ -> false

let type_text ty = printed (fun formatter ty -> Printtyp.wrap_printing_env ~error:false (environment ()) (fun () -> Printtyp.type_scheme formatter ty)) ty

let value_text path ty =
  if plain 0 ty then
    match Toploop.eval_value_path (environment ()) path with
    | value -> printed (fun formatter ty -> Toploop.print_value (environment ()) value formatter ty) ty
    | exception _ -> "<abstr>"
  else match (Ctype.repr ty).Types.desc with Types.Tarrow _ -> "<fun>" | _ -> "<abstr>"

let inspect record =
  let before = upto record in
  let before = if before <> "" && before.[String.length before - 1] = '(' then String.sub before 0 (String.length before - 1) else before in
  let code = field record "code" in
  let stop = ref (String.length before) in
  while !stop < String.length code && is_name code.[!stop] do incr stop done;
  let name = path_at_end (String.sub code 0 !stop) in
  let nothing = [ ("found", "false"); ("data", "{}") ] in
  if name = "" || name.[String.length name - 1] = '.' || name.[0] = '.' then nothing
  else
    match Env.find_value_by_name (Longident.unflatten (String.split_on_char '.' name) |> Option.get) (environment ()) with
    | path, value ->
        let ty = value.Types.val_type in
        let text = Printf.sprintf "val %s : %s%s" name (type_text ty) (match value_text path ty with "<fun>" | "<abstr>" -> "" | text -> " = " ^ text) in
        [ ("found", "true"); ("data", obj [ ("text/plain", quoted ~limit:60000 text) ]) ]
    | exception _ -> nothing

let is_complete record =
  let code = field record "code" in
  let lexbuf = Lexing.from_string code in
  Location.init lexbuf "cell";
  match Parse.use_file lexbuf with
  | _ -> [ ("status", "\"complete\"") ]
  | exception Lexer.Error ((Lexer.Unterminated_string | Lexer.Unterminated_comment _ | Lexer.Unterminated_string_in_comment _), _) -> [ ("status", "\"incomplete\""); ("indent", "\"  \"") ]
  | exception Syntaxerr.Error error ->
      let place = (Syntaxerr.location_of_error error).Location.loc_end.Lexing.pos_cnum in
      let rest = if place <= String.length code then String.trim (String.sub code place (String.length code - place)) else "" in
      if rest = "" && Lexing.lexeme lexbuf = "" then [ ("status", "\"incomplete\""); ("indent", "\"  \"") ] else [ ("status", "\"invalid\"") ]
  | exception _ -> [ ("status", "\"invalid\"") ]

let variables () =
  let env = environment () in
  let names = List.sort_uniq compare (List.map Ident.name (Env.diff !initial env)) in
  let rows =
    List.filter_map
      (fun name ->
        match Env.find_value_by_name (Longident.Lident name) env with
        | path, value ->
            let ty = value.Types.val_type in
            Some (obj [ ("name", quoted ~limit:200 name); ("type", quoted ~limit:200 (type_text ty)); ("repr", quoted ~limit:200 (value_text path ty)); ("size", "0") ])
        | exception Not_found -> None)
      names
  in
  [ ("variables", arr (List.filteri (fun index _ -> index < row_limit) rows)) ]

let answer record =
  let fields =
    try
      match field record "type" with
      | "complete" -> complete record
      | "inspect" -> inspect record
      | "is_complete" -> is_complete record
      | "variables" -> variables ()
      | _ -> [ ("error", "\"unknown type\"") ]
    with exn -> [ ("error", quoted ~limit:500 (Printexc.to_string exn)) ]
  in
  send (("type", "\"answer\"") :: ("id", quoted (field record "id")) :: fields)

let () =
  Unix.set_close_on_exec commands; (* Programs that cells start have no business with them. *)
  Unix.set_close_on_exec records;
  at_exit (fun () ->
      match !running with
      | Some id when Unix.getpid () = owner -> running := None; flush_all (); send [ ("type", "\"done\""); ("id", quoted id); ("status", "\"ok\"") ] (* `exit` in a cell. *)
      | _ -> ());
  Printexc.record_backtrace true;
  Clflags.debug := true;
  Toploop.initialize_toplevel_env (); (* Without what is defined here. *)
  Topdirs.dir_remove_directory "+compiler-libs";
  initial := environment ();
  Toploop.print_out_phrase := (fun _ outcome -> outcomes := outcome :: !outcomes);
  Sys.set_signal Sys.sigint (Sys.Signal_handle hit);
  Sys.set_signal Sys.sigpipe Sys.Signal_ignore;
  send
    [ ("type", "\"ready\""); ("protocol", "1"); ("language", "\"ocaml\""); ("version", quoted Sys.ocaml_version);
      ("features", "[\"complete\",\"inspect\",\"is_complete\",\"variables\",\"interrupt\"]") ];
  while true do
    let record = if Queue.is_empty kept then receive () else Queue.take kept in
    match field record "type" with "execute" -> execute record | "interrupt" -> () | _ -> answer record
  done
