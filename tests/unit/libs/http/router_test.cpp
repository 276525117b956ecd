#include "libs/http/router.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace chatflow::http {
namespace {

awaitable<Response> answer_ok(const Request&) { co_return Response{}; }

struct Found {
    bool has_handler;
    Request request;
    Response refusal;
};

Found find(const Router& router, Method method, std::string_view path) {
    Found found{};
    found.request.method = method;
    found.request.path = path;
    found.has_handler = router.find(found.request, found.refusal) != nullptr;
    return found;
}

Router make_chat_routes() {
    Router router;
    router.add(Method::Get, "/rooms/{room}", answer_ok);
    router.add(Method::Get, "/rooms/{room}/messages/{message}", answer_ok);
    router.add(Method::Get, "/rooms/recent", answer_ok);
    router.add(Method::Post, "/rooms", answer_ok);
    router.add(Method::Delete, "/rooms/{room}", answer_ok);
    router.add(Method::Get, "/", answer_ok);
    return router;
}

const Router& chat_routes() {
    static const Router kRouter = make_chat_routes();
    return kRouter;
}

TEST(Router, FindsRoutesAndDecodesTheirParameters) {
    const Found found = find(chat_routes(), Method::Get, "/rooms/a%2Fb/messages/7");
    ASSERT_TRUE(found.has_handler);
    EXPECT_EQ(found.request.route, "/rooms/{room}/messages/{message}");
    EXPECT_EQ(found.request.parameter("room"), "a/b");
    EXPECT_EQ(found.request.parameter("message"), "7");
    EXPECT_EQ(found.request.parameter("other"), "");
}

TEST(Router, PrefersLiteralSegments) {
    EXPECT_EQ(find(chat_routes(), Method::Get, "/rooms/recent").request.route, "/rooms/recent");
    EXPECT_EQ(find(chat_routes(), Method::Get, "/rooms/recently").request.route, "/rooms/{room}");
    EXPECT_EQ(find(chat_routes(), Method::Get, "/").request.route, "/");
}

TEST(Router, Answers404ForPathsItDoesNotHave) {
    for (const auto* path :
         {"/room", "/rooms/", "/rooms/1/messages", "/rooms/1/2/3/4", "*", "//"}) {
        const Found found = find(chat_routes(), Method::Get, path);
        EXPECT_FALSE(found.has_handler) << path;
        EXPECT_EQ(found.refusal.status, 404) << path;
        EXPECT_EQ(found.request.route, "unmatched") << path;
    }
}

TEST(Router, Answers405WithTheMethodsItHas) {
    const Found found = find(chat_routes(), Method::Put, "/rooms/1");
    EXPECT_FALSE(found.has_handler);
    EXPECT_EQ(found.refusal.status, 405);
    ASSERT_EQ(found.refusal.headers.size(), 1U);
    EXPECT_EQ(found.refusal.headers[0].second, "OPTIONS, GET, DELETE");
}

TEST(Router, RefusesTraceAsAMethodThatIsNotAllowed) {
    EXPECT_EQ(find(chat_routes(), Method::Trace, "/rooms").refusal.status, 405);
}

TEST(Router, AnswersOptionsItself) {
    const Found found = find(chat_routes(), Method::Options, "/rooms");
    EXPECT_EQ(found.refusal.status, 204);
    EXPECT_EQ(found.refusal.headers[0].second, "OPTIONS, POST");
}

TEST(Router, GivesHeadToTheHandlerOfGet) {
    EXPECT_TRUE(find(chat_routes(), Method::Head, "/rooms/1").has_handler);
    EXPECT_FALSE(find(chat_routes(), Method::Head, "/rooms").has_handler);
}

TEST(Router, Answers400ForBrokenEscapes) {
    const Found found = find(chat_routes(), Method::Get, "/rooms/%zz");
    EXPECT_FALSE(found.has_handler);
    EXPECT_EQ(found.refusal.status, 400);
}

TEST(Router, RefusesWrongTables) {
    Router router = make_chat_routes();
    EXPECT_THROW(router.add(Method::Get, "rooms", answer_ok), std::invalid_argument);
    EXPECT_THROW(router.add(Method::Get, "/rooms/{room}", answer_ok), std::invalid_argument);
}

}  // namespace
}  // namespace chatflow::http
