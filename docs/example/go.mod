module example.com/shop-stories

go 1.26

require github.com/unhappypath/unhappypath v0.0.0
