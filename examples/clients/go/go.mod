module memcached-client

go 1.22

require github.com/memcachier/mc/v3 v3.0.3
