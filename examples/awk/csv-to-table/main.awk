BEGIN {
    FPAT = "([^,]*)|(\"[^\"]+\")"
    rows = 0
    while ((getline < "people.csv") > 0) {
        for (i = 1; i <= NF; i++) {
            gsub(/^"|"$/, "", $i)
            cell[rows, i] = $i
            if (length($i) > width[i]) width[i] = length($i)
        }
        columns = NF
        rows++
    }
    for (row = 0; row < rows; row++) {
        line = ""
        for (i = 1; i <= columns; i++) line = line sprintf("%-" width[i] + 2 "s", cell[row, i])
        sub(/ +$/, "", line)
        print line
        if (row == 0) { gsub(/./, "-", line); print line }
    }
}
