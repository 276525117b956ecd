// The peer in Go: net/http, pgx and go-redis with the endpoints that the benchmark asks for.
//
//	goserver PORT REDIS_PORT POSTGRES_CONNECTION
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// The statements are those of chat-server without what only it has: receipts of members, threads.
const findRoom = `SELECT id::text, name, topic, version, kind, created_at, updated_at FROM rooms WHERE id = $1`

const readMessages = `SELECT m.id::text, m.room_id::text, m.seq, m.sender, m.body, coalesce(m.client_msg_id, ''),
	m.created_at, r.last_seq FROM rooms r JOIN messages m ON m.room_id = r.id WHERE r.id = $1 ORDER BY m.seq DESC LIMIT $2`

const sendMessage = `WITH next AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 AND NOT EXISTS
	(SELECT 1 FROM messages WHERE room_id = $1 AND sender = $3 AND client_msg_id = $5) RETURNING last_seq),
	sent AS (INSERT INTO messages (room_id, seq, id, sender, body, client_msg_id)
	SELECT $1, last_seq, $2, $3, $4, $5 FROM next RETURNING *),
	told AS (INSERT INTO outbox (room_id, once, event) SELECT room_id, id, json_build_array('message.created',
	json_build_object('messageId', id, 'roomId', room_id, 'senderId', sender, 'seq', seq, 'body', body, 'timestamp',
	(extract(epoch FROM created_at) * 1000)::bigint))::text FROM sent)
	SELECT seq, created_at FROM sent`

type room struct {
	Version   int64     `json:"version"`
	Kind      string    `json:"kind"`
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Topic     string    `json:"topic"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type message struct {
	ID          string    `json:"id"`
	RoomID      string    `json:"room_id"`
	Seq         int64     `json:"seq"`
	Sender      string    `json:"sender"`
	Body        string    `json:"body"`
	ClientMsgID string    `json:"client_msg_id,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
}

type server struct {
	postgres *pgxpool.Pool
	redis    *redis.Client
}

func main() {
	config, err := pgxpool.ParseConfig(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 20
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	s := server{pool, redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + os.Args[2]})}
	http.HandleFunc("GET /api/v1/rooms/{room}", s.showRoom)
	http.HandleFunc("GET /api/v1/rooms/{room}/messages", s.history)
	http.HandleFunc("POST /api/v1/rooms/{room}/messages", s.send)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}

func (s server) showRoom(w http.ResponseWriter, r *http.Request) {
	key := "room:" + r.PathValue("room")
	body, err := s.redis.Get(r.Context(), key).Bytes()
	if err == nil {
		answer(w, http.StatusOK, body)
		return
	}
	var found room
	err = s.postgres.QueryRow(r.Context(), findRoom, r.PathValue("room")).Scan(&found.ID, &found.Name, &found.Topic,
		&found.Version, &found.Kind, &found.CreatedAt, &found.UpdatedAt)
	if err != nil {
		refuse(w, err)
		return
	}
	body, _ = json.Marshal(found)
	s.redis.Set(r.Context(), key, body, 300*time.Second)
	answer(w, http.StatusOK, body)
}

func (s server) history(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 200 {
		http.Error(w, "limit", http.StatusBadRequest)
		return
	}
	rows, err := s.postgres.Query(r.Context(), readMessages, r.PathValue("room"), limit)
	if err != nil {
		refuse(w, err)
		return
	}
	defer rows.Close()
	page := struct {
		Messages []message `json:"messages"`
		LastSeq  int64     `json:"last_seq"`
	}{Messages: make([]message, limit)}
	count := 0
	for rows.Next() {
		count++
		m := &page.Messages[limit-count] // oldest first
		err := rows.Scan(&m.ID, &m.RoomID, &m.Seq, &m.Sender, &m.Body, &m.ClientMsgID, &m.CreatedAt, &page.LastSeq)
		if err != nil {
			refuse(w, err)
			return
		}
	}
	page.Messages = page.Messages[limit-count:]
	body, _ := json.Marshal(page)
	answer(w, http.StatusOK, body)
}

func (s server) send(w http.ResponseWriter, r *http.Request) {
	var m message
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64*1024)).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.ID, m.RoomID = newID(), r.PathValue("room")
	row := s.postgres.QueryRow(r.Context(), sendMessage, m.RoomID, m.ID, m.Sender, m.Body, m.ClientMsgID)
	if err := row.Scan(&m.Seq, &m.CreatedAt); err != nil {
		refuse(w, err)
		return
	}
	body, _ := json.Marshal(m)
	answer(w, http.StatusCreated, body)
}

// A UUID of version 7.
func newID() string {
	var b [16]byte
	rand.Read(b[6:])
	now := time.Now().UnixMilli()
	for i := range 6 {
		b[i] = byte(now >> (40 - 8*i))
	}
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

func refuse(w http.ResponseWriter, err error) {
	if err == pgx.ErrNoRows {
		http.Error(w, "there is no such room", http.StatusNotFound)
		return
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
