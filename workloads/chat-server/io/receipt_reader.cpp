#include "workloads/chat-server/io/receipt_reader.hpp"

#include "libs/events/catalog.hpp"
#include "libs/postgres/pool.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeepTime = 5s;

}  // namespace

ReceiptReader::ReceiptReader(redis::Client& redis, postgres::Pool& pool, std::string pod, Log log)
    : pool_(pool),
      consumer_(
          redis, events::platform_catalog(),
          {.group = "receipts",
           .consumer = std::move(pod),
           .patterns = {"message.read", "message.delivered"}},
          [this](const events::Event& event) { return keep(event); }, nullptr, std::move(log)) {}

// The gateway has told the room. A user who is not in it, or a room that is not ours, has none.
awaitable<void> ReceiptReader::keep(const events::Event& event) {
    const auto data = nlohmann::json::parse(event.data);
    std::string room = data.at("roomId");
    std::string user = data.at("userId");
    if (!is_uuid(room) || !is_uuid(user)) co_return;
    const std::int64_t seq = data.at("seq");
    const bool is_read = event.type == "message.read";
    auto put = [room = std::move(room), user = std::move(user), seq,
                is_read](pqxx::connection& connection) {
        constexpr std::int64_t kAsItIs = 0;
        const pqxx::params values{room, user, is_read ? kAsItIs : seq, is_read ? seq : kAsItIs,
                                  true};
        pqxx::nontransaction(connection).exec(pqxx::prepped{kPutReceipt}, values);
    };
    co_await pool_.run(std::move(put), Deadline::after(kKeepTime));
}

}  // namespace chatflow::chat
