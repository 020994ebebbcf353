"""The provider as a process, and its configuration."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.provider.errors import ProviderError
from local.provider.server import serve
from local.provider.values import marshal, unmarshal

from .engine import Engine


def test_process_prints_its_port_serves_and_ends_when_told_to(endpoint: str) -> None:
    environ = {**os.environ, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-west-2"}
    command = [sys.executable, "-m", "local.provider"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        driver = Engine(int(process.stdout.readline()))
        assert driver.stub.GetPluginInfo(empty_pb2.Empty()).version == "7.51.1"
        driver.channel.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_engine_attaches_shakes_hands_and_may_cancel_and_come_again(engine: Engine) -> None:
    engine.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
    hello = engine.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert hello.accept_secrets
    assert not hello.accept_outputs
    engine.stub.Cancel(empty_pb2.Empty())
    answer = engine.configure(region="us-west-2")
    assert answer.supportsPreview
    assert answer.acceptSecrets
    made = engine.create("aws:sqs/queue:Queue", "after", {})
    engine.delete(made)


def test_each_connection_has_the_settings_that_came_over_it(endpoint: str) -> None:
    urn, kind = "urn:pulumi:dev::p::aws:sqs/queue:Queue::jobs", "aws:sqs/queue:Queue"
    queue = provider_pb2.CheckRequest(urn=urn, type=kind, name="jobs", news=marshal({}))
    own = [("grpc.use_local_subchannel_pool", 1)]
    with (
        serve(environ={"AWS_ENDPOINT_URL": endpoint}) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}", options=own) as west,
        grpc.insecure_channel(f"127.0.0.1:{port}", options=own) as east,
    ):
        stubs = [provider_pb2_grpc.ResourceProviderStub(channel) for channel in (west, east)]
        for stub, region in zip(stubs, ("us-west-2", "us-east-1"), strict=True):
            stub.Configure(provider_pb2.ConfigureRequest(args=marshal({"region": region})))
        checked = [stub.Check(queue) for stub in stubs]
    assert [unmarshal(each.inputs)["region"] for each in checked] == ["us-west-2", "us-east-1"]


def test_schema_names_every_type(engine: Engine) -> None:
    schema = json.loads(engine.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert "aws:lambda/function:Function" in schema["resources"]
    assert "aws:iam/getPolicyDocument:getPolicyDocument" in schema["functions"]


def test_what_the_protocol_has_and_the_stand_in_has_not_is_unimplemented(engine: Engine) -> None:
    for call, request in (
        (engine.stub.Parameterize, provider_pb2.ParameterizeRequest()),
        (engine.stub.Construct, provider_pb2.ConstructRequest()),
        (engine.stub.Call, provider_pb2.CallRequest()),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call(request)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_provider_settings_are_passed_on_and_unknown_ones_named(engine: Engine) -> None:
    given = {"region": "us-west-2", "version": "7.51.1", "assumeRoles": "[]"}
    answer = engine.stub.CheckConfig(provider_pb2.CheckRequest(news=marshal(given)))
    assert unmarshal(answer.inputs) == given
    assert [each.property for each in answer.failures] == ["assumeRoles"]


def test_region_of_the_provider_comes_from_its_settings_or_its_environment() -> None:
    with serve(environ={}) as port:
        driver = Engine(port)
        with pytest.raises(grpc.RpcError, match="Missing region information"):
            driver.configure(version="7.51.1")
        driver.configure(region="eu-west-1", defaultTags='{"tags": {"team": "one"}}')
        checked = driver.check("aws:sqs/queue:Queue", "q", {"tags": {"a": "b"}})
        assert (checked["region"], checked["tagsAll"]) == ("eu-west-1", {"team": "one", "a": "b"})
        driver.channel.close()


def test_without_a_local_endpoint_nothing_is_called() -> None:
    with serve(environ={"AWS_REGION": "us-west-2"}) as port:
        driver = Engine(port)
        driver.configure(region="us-west-2")
        with pytest.raises(grpc.RpcError, match="AWS_ENDPOINT_URL is not set"):
            driver.create("aws:sqs/queue:Queue", "q", {})
        driver.channel.close()


def test_port_that_is_taken_is_an_error_that_names_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ProviderError, match=f"cannot listen on 127.0.0.1:{port}"), serve(port):
            pass


def test_nested_paths_to_ignore_are_refused_and_whole_properties_stay(engine: Engine) -> None:
    made = engine.create("aws:sqs/queue:Queue", "q", {"delaySeconds": 1})
    changed = {"delaySeconds": 2}
    assert not engine.diff(made, changed, ignored=("delaySeconds",)).detailedDiff
    with pytest.raises(grpc.RpcError, match=r"ignoreChanges within a property .*: tags\.a"):
        engine.diff(made, changed, ignored=("tags.a",))
    engine.delete(made)
