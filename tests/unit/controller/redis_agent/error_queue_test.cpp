// The two functions of error_queue.cpp, which is part of this program, stand for those of libc.
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// A TCP connection whose first end has an entry in its error queue, as after an ICMP error: the
/// notice of the kernel that a buffer it was lent is free again.
class RedisErrorQueue : public testing::Test {
 protected:
    void SetUp() override {
        const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        auto* where = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        ASSERT_EQ(bind(listener, where, size), 0);
        ASSERT_EQ(listen(listener, 1), 0);
        ASSERT_EQ(getsockname(listener, where, &size), 0);
        near_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ASSERT_EQ(connect(near_, where, size), 0);
        far_ = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        close(listener);
        const int on = 1;
        ASSERT_EQ(setsockopt(near_, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on), 0);
        ASSERT_EQ(send(near_, "x", 1, MSG_ZEROCOPY), 1);
        char byte = 0;
        ASSERT_EQ(::read(far_, &byte, 1), 1);
        ASSERT_TRUE(has_error(1000));
    }
    void TearDown() override {
        close(near_);
        close(far_);
    }

    [[nodiscard]] bool has_error(int milliseconds = 0) const {
        pollfd polled{.fd = near_, .events = 0, .revents = 0};
        return poll(&polled, 1, milliseconds) == 1 && (polled.revents & POLLERR) != 0;
    }

    int near_ = -1;
    int far_ = -1;
    std::array<char, 8> buffer_{};
};

TEST_F(RedisErrorQueue, IsEmptyAfterAReceiveThatFoundNothing) {
    errno = 0;
    EXPECT_EQ(recv(near_, buffer_.data(), buffer_.size(), MSG_DONTWAIT), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_FALSE(has_error());
}

TEST_F(RedisErrorQueue, IsLeftAloneWhileThereIsSomethingToRead) {
    ASSERT_EQ(send(far_, "y", 1, 0), 1);
    EXPECT_EQ(::read(near_, buffer_.data(), buffer_.size()), 1);
    EXPECT_EQ(buffer_[0], 'y');
    EXPECT_TRUE(has_error());
}

TEST(RedisErrorQueueOfAPipe, IsNone) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), -1);
    EXPECT_EQ(errno, EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
