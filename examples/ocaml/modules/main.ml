module type ORDERED = sig
  type t
  val compare : t -> t -> int
end

module type QUEUE = sig
  type element
  type t
  val empty : t
  val add : element -> t -> t
  val pop : t -> (element * t) option
end

(* A pairing heap. *)
module Queue (Order : ORDERED) : QUEUE with type element = Order.t = struct
  type element = Order.t
  type t = Empty | Heap of element * t list

  let empty = Empty

  let merge a b =
    match (a, b) with
    | Empty, heap | heap, Empty -> heap
    | Heap (x, xs), Heap (y, ys) ->
        if Order.compare x y <= 0 then Heap (x, b :: xs) else Heap (y, a :: ys)

  let add x heap = merge (Heap (x, [])) heap

  let rec merge_pairs = function
    | a :: b :: rest -> merge (merge a b) (merge_pairs rest)
    | [ heap ] -> heap
    | [] -> Empty

  let pop = function Empty -> None | Heap (x, heaps) -> Some (x, merge_pairs heaps)
end

module Tasks = Queue (struct
  type t = int * string
  let compare = compare
end)

let rec drain queue =
  match Tasks.pop queue with
  | None -> ()
  | Some ((priority, name), rest) ->
      Printf.printf "%d %s\n" priority name;
      drain rest

let () =
  [ (3, "sleep"); (1, "eat"); (2, "work"); (1, "drink") ]
  |> List.fold_left (fun queue task -> Tasks.add task queue) Tasks.empty
  |> drain
