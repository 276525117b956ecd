#include "workloads/worker/notification.hpp"

#include <gtest/gtest.h>

namespace chatflow::worker {
namespace {

TEST(Notification, IsReadFromAJobsData) {
    const auto notification = parse_notification(
        R"({"userId":"u","title":"New message","text":"Hi","roomId":"r","seq":7,"channels":[
            {"type":"in-app"},{"type":"email","to":"ada@example.com"},
            {"type":"webhook","url":"https://example.com/hook"},{"type":"in-app"}]})");
    ASSERT_TRUE(notification) << notification.error();
    const std::vector<Channel> channels = {{ChannelKind::InApp, ""},
                                           {ChannelKind::Email, "ada@example.com"},
                                           {ChannelKind::Webhook, "https://example.com/hook"}};
    EXPECT_EQ(notification->channels, channels);
    EXPECT_EQ(notification->seq, 7);
    EXPECT_EQ(to_json(*notification, "1"),
              R"({"id":"1","roomId":"r","seq":7,"text":"Hi","title":"New message","userId":"u"})");
}

TEST(Notification, WithoutChannelsIsInTheApp) {
    const auto notification = parse_notification(R"({"userId":"u","title":"t"})");
    ASSERT_TRUE(notification);
    EXPECT_EQ(notification->channels, std::vector{Channel{}});
}

TEST(Notification, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"7", "must be an object"},
        {R"({"title":"t"})", "userId: is required"},
        {R"({"userId":"u"})", "title: is required"},
        {R"({"userId":"u","title":"t","channels":[]})", "channels: must be a list of 1 to 10"},
        {R"({"userId":"u","title":"t","channels":[{"type":"pigeon"}]})",
         "channels: type must be in-app, email or webhook"},
        {R"({"userId":"u","title":"t","channels":[{"type":"email","to":"ada"}]})",
         "channels: email needs an address, to"},
        {R"({"userId":"u","title":"t","channels":[{"type":"webhook","url":"file:///etc"}]})",
         "channels: webhook needs a url that begins with http:// or https://"},
    };
    for (const auto& [data, error] : cases) EXPECT_EQ(parse_notification(data).error(), error);
}

TEST(Notification, IsCancelledWhenItsMessageWasRead) {
    Notification notification{.seq = 7};
    EXPECT_TRUE(is_read_already(notification, 7));
    EXPECT_FALSE(is_read_already(notification, 6));
    EXPECT_FALSE(is_read_already(notification, std::nullopt));
    notification.seq = 0;
    EXPECT_FALSE(is_read_already(notification, 7));
}

TEST(Notification, RemembersByWhichChannelsItWentOut) {
    const std::vector<std::string> keys = {"in-app", "email:ada@example.com"};
    EXPECT_EQ(parse_delivered(delivered_json(keys)), keys);
    for (const auto* progress : {"", "50", R"({"delivered":7})", R"({"other":1})"}) {
        EXPECT_TRUE(parse_delivered(progress).empty()) << progress;
    }
}

}  // namespace
}  // namespace chatflow::worker
