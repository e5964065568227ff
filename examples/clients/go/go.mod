module memcached-client

go 1.22

require (
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/dgryski/go-rendezvous v0.0.0-20200823014737-9f7001d12a5f
	github.com/memcachier/mc/v3 v3.0.3
)
