module shops

go 1.26
