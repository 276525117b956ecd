#include "libs/redis/sentinel.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <charconv>
#include <memory>
#include <string>

namespace chatflow::redis {
namespace {

Options options_of(const Options& options, const Address& sentinel) {
    Options own = options.directly_at(sentinel);
    own.username = options.sentinel_username;
    own.password = options.sentinel_password;
    own.database = 0;
    return own;
}

std::uint16_t port_in(std::string_view text) {
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    if (port == 0) throw ProtocolError("the Sentinel names no port");
    return port;
}

awaitable<Address> ask(Connection& sentinel, const std::string& name, Deadline deadline) {
    Command question{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name};
    const Reply reply = co_await sentinel.call(std::move(question), deadline);
    if (reply.size() != 2) throw Unavailable("the Sentinel does not know the master " + name);
    co_return Address{std::string(reply[0].text()), port_in(reply[1].text())};
}

// Reads what is published; true when it is about the set.
awaitable<bool> hears_switch(Connection& sentinel, const std::string& name, Deadline until) {
    try {
        const Reply event = co_await sentinel.read(until);
        // message, +switch-master, "name old-host old-port new-host new-port"
        co_return event.size() == 3 &&
            event[2].kind() == Reply::Kind::String&& event[2].text().starts_with(name + " ");
    } catch (const Timeout&) {
        co_return false;
    }
}

// A connection whose read timed out may have half a message in it: each round has its own.
awaitable<bool> has_switched(const Options& options, const Address& seed, const Address& master) {
    const auto deadline = Deadline::after(options.connect_timeout);
    auto listener = co_await Connection::open(options_of(options, seed));
    co_await listener->call(Command{"SUBSCRIBE", "+switch-master"}, deadline);
    auto asked = co_await Connection::open(options_of(options, seed));
    const auto named = co_await ask(*asked, options.master_name, deadline);
    if (named != master) co_return true;
    const auto round_end = Deadline::after(options.ping_interval);
    while (!round_end.has_passed()) {
        if (co_await hears_switch(*listener, options.master_name, round_end)) co_return true;
    }
    co_return false;
}

}  // namespace

awaitable<Address> find_master(Options options, Deadline deadline) {
    std::string last_problem = "no Sentinel is configured";
    for (const Address& seed : options.seeds) {
        try {
            auto sentinel = co_await Connection::open(options_of(options, seed));
            co_return co_await ask(*sentinel, options.master_name, deadline);
        } catch (const Error& error) {
            last_problem = error.what();
        }
        if (deadline.has_passed()) break;
    }
    throw Unavailable("Sentinel: " + last_problem);
}

awaitable<void> wait_for_switch(Options options, Address master) {
    for (std::size_t turn = 0;; ++turn) {
        bool is_silent = false;
        try {
            const Address seed = options.seeds.at(turn % options.seeds.size());
            if (co_await has_switched(options, seed, master)) co_return;
        } catch (const Error&) {
            is_silent = true;
        }
        if (is_silent) co_await sleep_until(Deadline::after(options.backoff_max));
    }
}

}  // namespace chatflow::redis
