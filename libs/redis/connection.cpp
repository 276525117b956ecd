#include "libs/redis/connection.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/reply_reader.hpp"
#include "libs/redis/sentinel.hpp"
#include "libs/redis/stream.hpp"

#include <array>
#include <vector>

#include <boost/system/system_error.hpp>

namespace chatflow::redis {
namespace {

std::string address_of(const Options& options) {
    return options.host + ":" + std::to_string(options.port);
}

// What the server must agree to before anything else is asked.
std::vector<Command> greeting(const Options& options) {
    std::vector<Command> commands;
    if (!options.password.empty()) {
        commands.push_back(options.username.empty()
                               ? Command{"AUTH", options.password}
                               : Command{"AUTH", options.username, options.password});
    }
    if (options.database != 0) {
        commands.push_back(Command{"SELECT", std::to_string(options.database)});
    }
    if (!options.client_name.empty()) {
        commands.push_back(Command{"CLIENT", "SETNAME", options.client_name});
    }
    commands.push_back(Command{"PING"});
    return commands;
}

// Cancellation stays what it is; everything else the network does is "unavailable".
template <class T>
awaitable<T> translated(awaitable<T> operation, std::string address) {
    try {
        co_return co_await std::move(operation);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) throw;
        throw Unavailable(address + ": " + error.code().message());
    } catch (const DeadlineExceeded& error) {
        throw Timeout(address + ": " + error.what());
    }
}

}  // namespace

Connection::Connection(Options options, std::unique_ptr<Stream> stream)
    : options_(std::move(options)),
      stream_(std::move(stream)),
      reader_(std::make_unique<ReplyReader>(options_.reply_bytes_max)) {}

Connection::~Connection() = default;

awaitable<std::unique_ptr<Connection>> Connection::open(Options options) {
    if (options.discovery != Discovery::Sentinel) {
        co_return co_await open_directly(std::move(options));
    }
    const auto master = co_await find_master(options, Deadline::after(options.connect_timeout));
    auto connection = co_await open_directly(options.directly_at(master));
    co_await connection->require_master();
    co_return connection;
}

// Sentinels that were cut off may still name a master that has been replaced.
awaitable<void> Connection::require_master() {
    const auto deadline = Deadline::after(options_.connect_timeout);
    const Reply role = co_await call(Command{"ROLE"}, deadline);
    if (role.size() == 0 || role[0].text() != "master") {
        throw Unavailable(address_of(options_) + " is no master");
    }
}

awaitable<std::unique_ptr<Connection>> Connection::open_directly(Options options) {
    const std::string address = address_of(options);
    const auto deadline = Deadline::after(options.connect_timeout);
    try {
        auto connecting = with_deadline(Stream::connect(options), deadline, "connecting");
        auto stream = co_await translated(std::move(connecting), address);
        auto connection = std::make_unique<Connection>(options, std::move(stream));
        auto greeting = with_deadline(connection->greet(), deadline, "greeting");
        co_await translated(std::move(greeting), address);
        co_return connection;
    } catch (const Timeout& error) {
        throw Unavailable(error.what());
    }
}

awaitable<void> Connection::greet() {
    for (const Command& command : greeting(options_)) {
        co_await stream_->write(command.bytes());
        const Reply reply = co_await read_reply();
        if (reply.is_error()) throw ServerError(std::string(reply.error_text()));
    }
}

awaitable<Reply> Connection::call(Command command, Deadline deadline) {
    co_await send(std::move(command), deadline);
    Reply reply = co_await read(deadline);
    if (reply.is_error()) throw ServerError(std::string(reply.error_text()));
    co_return reply;
}

awaitable<void> Connection::send(Command command, Deadline deadline) {
    auto writing = with_deadline(stream_->write(command.bytes()), deadline, "sending");
    co_await translated(std::move(writing), address_of(options_));
}

awaitable<Reply> Connection::read(Deadline deadline) {
    auto reading = with_deadline(read_reply(), deadline, "waiting for the reply");
    co_return co_await translated(std::move(reading), address_of(options_));
}

awaitable<Reply> Connection::read_reply() {
    std::array<char, 16U << 10U> bytes;
    for (;;) {
        if (auto reply = reader_->next()) co_return std::move(*reply);
        const auto size = co_await stream_->read_some(asio::buffer(bytes));
        reader_->feed({bytes.data(), size});
    }
}

void Connection::close() { stream_->close(); }

}  // namespace chatflow::redis
