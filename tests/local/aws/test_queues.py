"""What moto forgets of a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

POLICY = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}'


def test_a_queues_policy_stays_until_it_is_taken_away(sqs_client: SQSClient) -> None:
    url = sqs_client.create_queue(QueueName="q", Attributes={"Policy": POLICY})["QueueUrl"]
    sqs_client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    shown = sqs_client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "VisibilityTimeout"])
    assert shown["Attributes"] == {"Policy": POLICY, "VisibilityTimeout": "60"}
    sqs_client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in sqs_client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
