let rec length = function
  | [] -> 0
  | _ :: rest -> 1 + length rest

(* Runs of equal elements with their lengths: the accumulator makes it tail recursive. *)
let encode list =
  let rec go runs = function
    | [] -> List.rev runs
    | x :: rest -> (
        match runs with
        | (n, y) :: others when y = x -> go ((n + 1, y) :: others) rest
        | _ -> go ((1, x) :: runs) rest)
  in
  go [] list

let decode runs = List.concat_map (fun (n, x) -> List.init n (fun _ -> x)) runs

let () =
  let letters = List.of_seq (String.to_seq "aaabccddddda") in
  let runs = encode letters in
  Printf.printf "%d letters, %d runs\n" (length letters) (List.length runs);
  print_endline (String.concat " " (List.map (fun (n, letter) -> Printf.sprintf "%d%c" n letter) runs));
  Printf.printf "decoded is the same: %b\n" (decode runs = letters)
