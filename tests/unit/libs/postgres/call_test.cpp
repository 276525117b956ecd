#include "libs/postgres/call.hpp"

#include "libs/postgres/errors.hpp"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;

auto answer_seven() {
    return [](pqxx::connection&) { return 7; };
}

TEST(Call, IsAnsweredOnceWhoeverComesFirst) {
    asio::io_context io;
    Task<decltype(answer_seven())> call(answer_seven(), Deadline::after(1h), io.get_executor());
    int resumed = 0;
    call.handler = [&resumed] { ++resumed; };
    EXPECT_TRUE(call.answer(std::make_exception_ptr(Timeout("late"))));
    EXPECT_FALSE(call.answer());
    io.run();
    EXPECT_EQ(resumed, 1);
    EXPECT_TRUE(call.is_answered());
    EXPECT_THROW(call.take_result(), Timeout);
}

}  // namespace
}  // namespace chatflow::postgres
