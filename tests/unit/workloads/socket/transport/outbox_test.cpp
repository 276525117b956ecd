#include "workloads/socket/transport/outbox.hpp"

#include <array>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

Packet text(std::string_view payload, bool is_ephemeral = false) {
    return Packet::make(Opcode::Text, payload, is_ephemeral);
}

std::string written(Outbox& outbox, std::size_t bytes) {
    std::array<iovec, 8> parts{};
    std::string all;
    const std::size_t count = outbox.gather(parts);
    for (std::size_t i = 0; i < count; ++i) {
        all.append(static_cast<const char*>(parts.at(i).iov_base), parts.at(i).iov_len);
    }
    all.resize(std::min(all.size(), bytes));
    outbox.consume(all.size());
    return all;
}

TEST(Outbox, GoesOnWhereAWriteEnded) {
    Outbox outbox;
    (void)outbox.push(text("one"), 100);
    (void)outbox.push(text("two"), 100);
    std::string all;
    while (!outbox.empty()) all += written(outbox, 3);
    EXPECT_EQ(all, std::string("\x81\x03one\x81\x03two"));
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST(Outbox, DropsEphemeralPacketsBeforeItIsFull) {
    Outbox outbox;
    EXPECT_EQ(outbox.push(text("12345678", true), 40), Outbox::Result::Queued);
    EXPECT_EQ(outbox.push(text("12345678", true), 40), Outbox::Result::Queued);
    EXPECT_EQ(outbox.push(text("12345678", true), 40), Outbox::Result::Dropped);
    EXPECT_EQ(outbox.push(text("12345678"), 40), Outbox::Result::Queued);
    EXPECT_EQ(outbox.push(text("12345678"), 40), Outbox::Result::Queued);
    EXPECT_EQ(outbox.packets(), 4U);
    EXPECT_EQ(outbox.push(text("12345678"), 40), Outbox::Result::Queued);
    EXPECT_EQ(outbox.packets(), 3U);  // the ephemeral ones made room
    EXPECT_EQ(outbox.push(text("12345678"), 40), Outbox::Result::Queued);
    EXPECT_EQ(outbox.push(text("12345678"), 40), Outbox::Result::Full);
}

TEST(Outbox, NeverDropsAPacketThatWasBegun) {
    Outbox outbox;
    (void)outbox.push(text("12345678", true), 30);
    (void)written(outbox, 4);
    (void)outbox.push(text("abcdefgh"), 30);
    EXPECT_EQ(outbox.push(text("ABCDEFGHIJ"), 30), Outbox::Result::Queued);
    EXPECT_EQ(outbox.take_rest(true), "345678");
}

TEST(Outbox, SharesOnePacketAmongMany) {
    const Packet packet = text("shared");
    Outbox one;
    Outbox other;
    (void)one.push(packet, 100);
    (void)other.push(packet, 100);
    EXPECT_EQ(one.front().frame().data(), other.front().frame().data());
    one.clear();
    EXPECT_EQ(other.front().payload(), "shared");
}

}  // namespace
}  // namespace chatflow::socket
