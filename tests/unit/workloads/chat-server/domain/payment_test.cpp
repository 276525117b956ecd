#include "workloads/chat-server/domain/payment.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using Step = RiskVerdict::Step;

NewPayment a_payment(std::int64_t amount) {
    return {.amount = amount, .currency = "EUR", .method = "tok_ok", .description = ""};
}

PayerHistory a_known_payer() {
    return {.payments_last_hour = 0,
            .failed_last_day = 0,
            .amount_last_day = 0,
            .account_age_hours = 1000,
            .has_paid_before = true};
}

TEST(JudgeRisk, LetsAnOrdinaryPaymentOfAKnownPayerPass) {
    EXPECT_EQ(judge_risk(a_payment(1'999), a_known_payer()), RiskVerdict{});
    EXPECT_EQ(judge_risk(a_payment(49'999), a_known_payer()).score, 0);
    EXPECT_EQ(judge_risk(a_payment(50'000), a_known_payer()).step, Step::Allow);
}

TEST(JudgeRisk, HasPeopleLookAtWhatIsUnusual) {
    EXPECT_EQ(judge_risk(a_payment(500'000), a_known_payer()).step, Step::Review);
    auto payer = a_known_payer();
    payer.account_age_hours = 1;
    payer.has_paid_before = false;
    EXPECT_EQ(judge_risk(a_payment(1'999), payer).step, Step::Allow);
    const auto verdict = judge_risk(a_payment(50'000), payer);
    EXPECT_EQ(verdict.step, Step::Review);
    EXPECT_EQ(verdict.reasons,
              (std::vector<std::string>{"large amount", "account of less than a day",
                                        "large amount from a new account", "first payment"}));
}

TEST(JudgeRisk, RefusesWhatLooksLikeTryingCardsOut) {
    auto payer = a_known_payer();
    payer.payments_last_hour = 5;
    EXPECT_EQ(judge_risk(a_payment(100), payer).step, Step::Allow);
    payer.failed_last_day = 3;
    EXPECT_EQ(judge_risk(a_payment(100), payer).step, Step::Review);
    payer.payments_last_hour = 10;
    const auto verdict = judge_risk(a_payment(100), payer);
    EXPECT_EQ(verdict.step, Step::Refuse);
    EXPECT_EQ(verdict.score, 95);
}

TEST(JudgeRisk, CountsTheSumOfADayAndNeverMoreThanAHundred) {
    auto payer = a_known_payer();
    payer.amount_last_day = 990'000;
    EXPECT_EQ(judge_risk(a_payment(9'999), payer).score, 0);
    EXPECT_EQ(judge_risk(a_payment(10'000), payer).score, 25);
    EXPECT_EQ(judge_risk(a_payment(500'000), PayerHistory{.payments_last_hour = 99,
                                                          .failed_last_day = 99,
                                                          .amount_last_day = 99'999'999,
                                                          .account_age_hours = 0,
                                                          .has_paid_before = false})
                  .score,
              100);
}

TEST(IsNews, OnlyWhatComesLaterInAPaymentsLife) {
    using enum PaymentState;
    EXPECT_TRUE(is_news(Processing, Succeeded));
    EXPECT_TRUE(is_news(Processing, Failed));
    EXPECT_TRUE(is_news(Failed, Succeeded));  // an attempt after it went through
    EXPECT_TRUE(is_news(Succeeded, Refunded));
    EXPECT_TRUE(is_news(Processing, Refunded));  // what came between is still on its way
    EXPECT_FALSE(is_news(Refunded, Succeeded));
    EXPECT_FALSE(is_news(Succeeded, Failed));
    EXPECT_FALSE(is_news(Succeeded, Processing));
    EXPECT_FALSE(is_news(Succeeded, Succeeded));
    EXPECT_FALSE(is_news(Review, Processing));
    EXPECT_FALSE(is_news(Review, Failed));
    EXPECT_FALSE(is_news(Rejected, Failed));
    // Money that has moved has moved.
    EXPECT_TRUE(is_news(Review, Succeeded));
    EXPECT_TRUE(is_news(Rejected, Succeeded));
}

TEST(ParseNewPayment, TakesWholeAmountsOfSmallestUnits) {
    EXPECT_EQ(parse_new_payment(R"({"amount":1999,"currency":"EUR","method":"tok_ok"})"),
              a_payment(1999));
    for (const char* amount : {"0", "-1", "19.99", "\"1999\"", "100000001", "1e3", "null"}) {
        const std::string body =
            std::string(R"({"currency":"EUR","method":"tok_ok","amount":)") + amount + "}";
        EXPECT_FALSE(parse_new_payment(body)) << body;
    }
    EXPECT_FALSE(parse_new_payment(R"({"amount":1,"currency":"eur","method":"tok_ok"})"));
    EXPECT_FALSE(parse_new_payment(R"({"amount":1,"currency":"EURO","method":"tok_ok"})"));
    EXPECT_FALSE(parse_new_payment(R"({"amount":1,"currency":"EUR"})"));
    EXPECT_FALSE(
        parse_new_payment(R"({"amount":1,"currency":"EUR","method":"tok_ok","card":"4111"})"));
}

TEST(ParsePaymentEvent, TakesWhatGatewaysTell) {
    constexpr const char* kId = "01934567-89ab-7def-8123-456789abcdef";
    const auto event = parse_payment_event(
        std::string(R"({"id":"evt_1","type":"payment.failed","failure":"declined","livemode":true,)"
                    R"("payment_id":")") +
        kId + "\"}");
    ASSERT_TRUE(event);
    EXPECT_EQ(*event, (PaymentEvent{"evt_1", kId, PaymentState::Failed, "declined"}));
    for (const char* type : {"payment.review", "payment.rejected", "refund.created", "payment."}) {
        EXPECT_FALSE(parse_payment_event(std::string(R"({"id":"evt_1","payment_id":")") + kId +
                                         R"(","type":")" + type + "\"}"))
            << type;
    }
    EXPECT_FALSE(parse_payment_event(R"({"id":"e","type":"payment.failed","payment_id":"7"})"));
    EXPECT_FALSE(parse_payment_event("[]"));
}

TEST(ParseReview, KnowsTwoDecisions) {
    EXPECT_TRUE(parse_review(R"({"decision":"approve"})")->is_approved);
    EXPECT_FALSE(parse_review(R"({"decision":"reject","note":"stolen"})")->is_approved);
    EXPECT_FALSE(parse_review(R"({"decision":"perhaps"})"));
    EXPECT_FALSE(parse_review("{}"));
}

}  // namespace
}  // namespace chatflow::chat
