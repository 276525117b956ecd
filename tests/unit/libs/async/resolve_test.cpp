#include "libs/async/resolve.hpp"

#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <latch>
#include <memory>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

const auto kAddress = asio::ip::make_address("192.0.2.7");

/// Answers when it is let go, as a name server that does not answer does never.
class HangingNames {
 public:
    [[nodiscard]] Lookup lookup() {
        return [let_go = let_go_](const std::string&) {
            let_go->wait();
            return std::vector{kAddress};
        };
    }
    void let_go() { let_go_->count_down(); }

 private:
    std::shared_ptr<std::latch> let_go_ = std::make_shared<std::latch>(1);
};

struct Outcome {
    Endpoints endpoints;
    std::exception_ptr error;
};

Outcome wait_for(asio::io_context& loop, awaitable<Endpoints> task) {
    Outcome outcome;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, Endpoints endpoints) {
        outcome = {std::move(endpoints), std::move(error)};
    });
    loop.restart();
    loop.run();
    return outcome;
}

template <class Error>
std::optional<Error> error_of(const Outcome& outcome) {
    try {
        if (outcome.error) std::rethrow_exception(outcome.error);
    } catch (const Error& error) {
        return error;
    } catch (...) {
    }
    return std::nullopt;
}

TEST(Resolve, ANumberIsAnAddress) {
    asio::io_context loop;
    HangingNames names;
    EXPECT_THAT(wait_for(loop, resolve("192.0.2.7", 80, names.lookup())).endpoints,
                ElementsAre(Endpoints::value_type(kAddress, 80)));
    EXPECT_EQ(wait_for(loop, resolve("::1", 443)).endpoints.at(0).port(), 443);
}

TEST(Resolve, ANameIsLookedUp) {
    asio::io_context loop;
    const auto found = wait_for(loop, resolve("localhost", 6379)).endpoints;
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(found[0].address().is_loopback());
    EXPECT_EQ(found[0].port(), 6379);
}

TEST(Resolve, TellsWhatTheLookUpThrew) {
    asio::io_context loop;
    const Lookup nobody = [](const std::string& host) -> std::vector<asio::ip::address> {
        throw boost::system::system_error(asio::error::host_not_found, host);
    };
    const auto error =
        error_of<boost::system::system_error>(wait_for(loop, resolve("nobody.invalid", 1, nobody)));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), asio::error::host_not_found);
}

TEST(Resolve, OneThatHangsEndsAtItsDeadline) {
    asio::io_context loop;
    HangingNames names;
    const auto outcome = wait_for(
        loop, with_deadline(resolve("slow", 1, names.lookup()), Deadline::after(20ms), "Waiting"));
    EXPECT_TRUE(error_of<DeadlineExceeded>(outcome));
    names.let_go();
}

TEST(Resolve, OneThatHangsDoesNotOutliveTheProgramsLoop) {
    HangingNames names;
    {
        asio::io_context loop;
        asio::co_spawn(loop, resolve("slow", 1, names.lookup()), asio::detached);
        loop.run_for(10ms);
    }
    names.let_go();
}

TEST(Resolve, HangingOnesAreBounded) {
    HangingNames names;
    asio::io_context loop;
    // Those of other tests may still be ending.
    std::optional<boost::system::system_error> refused;
    for (int i = 0; i <= kLookupsMax && !refused; ++i) {
        refused = error_of<boost::system::system_error>(wait_for(
            loop,
            with_deadline(resolve("slow", 1, names.lookup()), Deadline::after(1ms), "Waiting")));
    }
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), asio::error::host_not_found_try_again);
    names.let_go();
}

}  // namespace
}  // namespace chatflow
