type expression = Number of int | Binary of char * expression * expression

let ( let* ) = Result.bind

let rec sum tokens =
  let* left, rest = product tokens in
  continue_sum left rest

and continue_sum left = function
  | (('+' | '-') as operator) :: rest ->
      let* right, rest = product rest in
      continue_sum (Binary (operator, left, right)) rest
  | rest -> Ok (left, rest)

and product tokens =
  let* left, rest = factor tokens in
  match rest with
  | '*' :: rest ->
      let* right, rest = product rest in
      Ok (Binary ('*', left, right), rest)
  | rest -> Ok (left, rest)

and factor = function
  | '0' .. '9' as digit :: rest -> Ok (Number (Char.code digit - 48), rest)
  | '(' :: rest -> (
      let* inner, rest = sum rest in
      match rest with ')' :: rest -> Ok (inner, rest) | _ -> Error "a ) is missing")
  | token :: _ -> Error (Printf.sprintf "a number is expected, not %c" token)
  | [] -> Error "the text ends too soon"

let rec value = function
  | Number n -> n
  | Binary ('+', a, b) -> value a + value b
  | Binary ('-', a, b) -> value a - value b
  | Binary (_, a, b) -> value a * value b

let evaluate text =
  let* tree, rest = sum (List.of_seq (String.to_seq text)) in
  match rest with [] -> Ok (value tree) | token :: _ -> Error (Printf.sprintf "%c is left" token)

let () =
  List.iter
    (fun text ->
      match evaluate text with
      | Ok number -> Printf.printf "%s = %d\n" text number
      | Error reason -> Printf.printf "%s: %s\n" text reason)
    [ "1+2*3"; "(1+2)*3"; "9-4-3"; "2*(3+"; "2+x"; "7)" ]
