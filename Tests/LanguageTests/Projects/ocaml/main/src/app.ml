let () = List.iter (fun side -> Printf.printf "square of %d: %d\n" side (Shapes.square side)) [ 6; 7 ]
