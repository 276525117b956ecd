#include "workloads/worker/payment.hpp"

#include <gtest/gtest.h>

namespace chatflow::worker {
namespace {

struct PaymentCase {
    int status;
    const char* body;
    PaymentStep step;
    const char* reason;
};

TEST(DecidePayment, FollowsFromTheStatusAndTheCode) {
    const PaymentCase cases[] = {
        {200, "", PaymentStep::Done, ""},
        {503, "", PaymentStep::Retry, "the gateway answered 503"},
        {429, "", PaymentStep::Retry, "the gateway answered 429"},
        {402, R"({"code":"insufficient_funds"})", PaymentStep::Retry,
         "the gateway answered 402: insufficient_funds"},
        {402, R"({"code":"stolen_card"})", PaymentStep::Review,
         "the gateway answered 402: stolen_card"},
        {400, "no JSON", PaymentStep::Review, "the gateway answered 400 without a code"},
        {402, R"({"code":7})", PaymentStep::Review, "the gateway answered 402 without a code"},
    };
    for (const PaymentCase& c : cases) {
        EXPECT_EQ(decide_payment(c.status, c.body), (PaymentDecision{c.step, c.reason}))
            << c.status << c.body;
    }
}

}  // namespace
}  // namespace chatflow::worker
