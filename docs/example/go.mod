module example.com/shop-stories

go 1.26
