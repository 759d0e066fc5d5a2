(def books
  [{:title "Emma" :author "Austen" :pages 474}
   {:title "Persuasion" :author "Austen" :pages 249}
   {:title "Ficciones" :author "Borges" :pages 174}])

(->> books
     (filter #(> (:pages %) 200))
     (map :title)
     (run! println))

(doseq [[author own] (sort (group-by :author books))]
  (println author (reduce + (map :pages own))))

(println (take 8 (iterate #(* 2 %) 1)))
(println (update (first books) :pages inc))
