#include "workloads/chat-server/io/message_repository.hpp"

#include "libs/postgres/errors.hpp"
#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/read_histories.hpp"
#include "workloads/chat-server/io/send_messages.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace chatflow::chat {

namespace {

// A page has up to 200 messages, so a batch of pages has to be the shorter.
constexpr std::size_t kPagesTogetherMax = 16;

}  // namespace

MessageRepository::MessageRepository(asio::any_io_executor executor, postgres::Pool& pool,
                                     postgres::Reads& reads)
    : pool_(pool),
      replicas_(reads),
      sends_(executor, {},
             [this](std::vector<Sending> batch, Deadline deadline) {
                 return send_batch(std::move(batch), deadline);
             }),
      reads_(executor, {.batch_max = kPagesTogetherMax},
             [this](std::vector<Reading> batch, Deadline deadline) {
                 return read_batch(std::move(batch), deadline);
             }) {}

awaitable<std::optional<Message>> MessageRepository::send(std::string room_id, std::string id,
                                                          NewMessage message, Deadline deadline) {
    Sending sending{std::move(room_id), std::move(id), std::move(message)};
    Sent sent = co_await sends_.ask(std::move(sending), deadline);
    if (!sent) std::rethrow_exception(sent.error());
    co_return std::move(*sent);
}

awaitable<std::optional<History>> MessageRepository::history(std::string room_id,
                                                             HistoryQuery query,
                                                             postgres::Lsn after_write,
                                                             Deadline deadline) {
    return reads_.ask({std::move(room_id), query, after_write}, deadline);
}

awaitable<std::vector<MessageRepository::Sent>> MessageRepository::send_batch(
    std::vector<Sending> batch, Deadline deadline) {
    auto send = [batch = std::move(batch)](pqxx::connection& connection) {
        if (batch.size() > 1) return send_together(connection, batch);
        return std::vector<Sent>{send_alone(connection, batch.front())};
    };
    return pool_.run(std::move(send), deadline);
}

awaitable<std::vector<std::optional<History>>> MessageRepository::read_batch(
    std::vector<Reading> batch, Deadline deadline) {
    postgres::Lsn after_write{};
    for (const Reading& one : batch) after_write = std::max(after_write, one.after_write);
    auto read = [batch = std::move(batch)](pqxx::connection& connection) {
        return read_histories(connection, batch);
    };
    return replicas_.run(std::move(read), after_write, deadline);
}

}  // namespace chatflow::chat
