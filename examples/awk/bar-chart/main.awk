{
    text = tolower($0)
    for (i = 1; i <= length(text); i++) {
        letter = substr(text, i, 1)
        if (letter ~ /[a-z]/) count[letter]++
    }
}

END {
    PROCINFO["sorted_in"] = "@ind_str_asc"
    for (letter in count) {
        bar = ""
        for (i = 0; i < count[letter]; i++) bar = bar "#"
        print letter, bar
    }
}
