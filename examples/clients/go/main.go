// Logs in to all servers of a SecureMemcached, then sets and gets keys on them. The login comes from a mounted Secret in the layout of the
// Service Binding specification: $SERVICE_BINDING_ROOT/memcached/ with a file for each of username, password and servers.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/dgryski/go-rendezvous"
	"github.com/memcachier/mc/v3"
)

const (
	keys    = 1000
	oneHour = 3600
	timeout = 3 * time.Second
)

type login struct{ user, password, servers string }

func readLogin() (login, error) {
	folder := filepath.Join(cmp.Or(os.Getenv("SERVICE_BINDING_ROOT"), "/bindings"), "memcached")
	var values [3]string
	for i, key := range []string{"username", "password", "servers"} {
		value, err := os.ReadFile(filepath.Join(folder, key))
		if err != nil {
			return login{}, fmt.Errorf("no binding: %w", err)
		}
		values[i] = string(value)
	}
	return login{cmp.Or(os.Getenv("MEMCACHED_USERNAME"), values[0]), values[1], values[2]}, nil
}

// cache has a client for each server, which are replaced when one refuses the login. A key's server is found by rendezvous
// hashing, as the library has no consistent hashing: a client of several servers takes a hash modulo their number, and another number moves most keys.
type cache struct {
	login   login
	places  *rendezvous.Rendezvous
	clients map[string]*mc.Client
}

func connect() (*cache, error) {
	c := &cache{}
	return c, c.logIn()
}

func (c *cache) logIn() (err error) {
	c.quit()
	if c.login, err = readLogin(); err != nil {
		return err
	}
	servers := strings.Split(c.login.servers, ",")
	c.places = rendezvous.New(servers, xxhash.Sum64String)
	c.clients = make(map[string]*mc.Client)
	for _, server := range servers {
		config := mc.DefaultConfig()
		config.ConnectionTimeout = timeout
		// A key is on the one server that its hash names, and nowhere else while that one is down.
		config.Failover = false
		c.clients[server] = mc.NewMCwithConfig(server, c.login.user, c.login.password, config)
	}
	return nil
}

func (c *cache) quit() {
	for _, client := range c.clients {
		client.Quit()
	}
}

func (c *cache) at(key string) *mc.Client {
	return c.clients[c.places.Lookup(key)]
}

// do runs a request about a key; when its server refuses the login, once more with what the files say by then.
func (c *cache) do(key string, request func(*mc.Client) error) error {
	err := request(c.at(key))
	if !isRefused(err) {
		return err
	}
	if err := c.logIn(); err != nil {
		return err
	}
	if err = request(c.at(key)); isRefused(err) {
		return fmt.Errorf("the login of %s was refused: %w", c.login.user, err)
	}
	return err
}

func isRefused(err error) bool {
	var answer *mc.Error
	return errors.As(err, &answer) && answer.Status == mc.StatusAuthRequired
}

func (c *cache) check() error {
	for i := range keys {
		key := fmt.Sprint("go-", i)
		if err := c.do(key, func(client *mc.Client) error {
			_, err := client.Set(key, fmt.Sprint("value ", i), 0, oneHour, 0)
			return err
		}); err != nil {
			return fmt.Errorf("set %s: %w", key, err)
		}
	}
	for i := range keys {
		key := fmt.Sprint("go-", i)
		if err := c.do(key, func(client *mc.Client) error {
			value, _, _, err := client.Get(key)
			if err == nil && value != fmt.Sprint("value ", i) {
				return fmt.Errorf("came back as %s", value)
			}
			return err
		}); err != nil {
			return fmt.Errorf("get %s: %w", key, err)
		}
	}
	used := 0
	for _, client := range c.clients {
		statistics, err := client.Stats()
		if err != nil {
			return err
		}
		for _, server := range statistics {
			if items, _ := strconv.Atoi(server["curr_items"]); items > 0 {
				used++
			}
		}
	}
	fmt.Printf("ok: %d keys on %d servers as %s\n", keys, used, c.login.user)
	return nil
}

func run() error {
	c, err := connect()
	if err != nil {
		return err
	}
	defer c.quit()
	return c.check()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
