//! The rows of the providers, for macros that treat all alike.

/// Calls a macro with a row for every provider, in the order of the README's table:
///
/// ```text
/// twilio(auth_token, url) => Twilio [messaging "sha1"],
/// ```
///
/// A row has the constructor's name, the name of its secret, `url` if the provider signs the
/// endpoint's URL, the type, the group, and the feature that the page needs. A macro in brackets
/// may be a path, and is called with what follows them first.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_provider {
    ($callback:ident) => {
        $crate::__for_each_provider! { [$callback] }
    };
    ([$($callback:tt)+] $($first:tt)*) => {
        $($callback)+! {
            $($first)*
            // Websites: screenshots and scores.
            screenscore(secret) => ScreenScore [websites],
            screenshotcenter(secret) => ScreenshotCenter [websites],
            screenshotrun(token) => ScreenshotRun [websites],
            zeodyn(secret) => Zeodyn [websites],
            geoscored(secret) => GeoScored [websites],
            // Standards.
            cloudevents(token) => CloudEvents [standards],
            standard_webhooks(secret) => StandardWebhooks [standards],
            standard_webhooks_v1a(public_key) => StandardWebhooksV1a [standards "ed25519"],
            svix(secret) => Svix [standards],
            websub(secret) => WebSub [standards "sha1"],
            // Payments.
            adyen(hmac_key) => Adyen [payments],
            adyen_management(hmac_key) => AdyenManagement [payments],
            braintree(private_key) => Braintree [payments "sha1"],
            chargebee(user_and_password) => Chargebee [payments],
            checkout(signature_key) => Checkout [payments],
            coinbase_commerce(shared_secret) => CoinbaseCommerce [payments],
            gocardless(secret) => GoCardless [payments],
            increase(secret) => Increase [payments],
            lemon_squeezy(secret) => LemonSqueezy [payments],
            lithic(secret) => Lithic [payments],
            mercado_pago(secret) => MercadoPago [payments],
            modern_treasury(key) => ModernTreasury [payments],
            mollie(secret) => Mollie [payments],
            paddle(secret) => Paddle [payments],
            paystack(secret_key) => Paystack [payments],
            polar(secret) => Polar [payments],
            razorpay(secret) => Razorpay [payments],
            recurly(secret_key) => Recurly [payments],
            square(signature_key, url) => Square [payments],
            stripe(secret) => Stripe [payments],
            wise(public_key) => Wise [payments "rsa"],
            // Developer tools.
            bitbucket(secret) => Bitbucket [developer_tools],
            buildkite(token) => Buildkite [developer_tools],
            circleci(secret) => CircleCi [developer_tools],
            figma(passcode) => Figma [developer_tools],
            github(secret) => GitHub [developer_tools],
            gitlab(signing_token) => GitLab [developer_tools],
            gitlab_token(token) => GitLabToken [developer_tools],
            jira(secret) => Jira [developer_tools],
            linear(secret) => Linear [developer_tools],
            notion(verification_token) => Notion [developer_tools],
            pagerduty(secret) => PagerDuty [developer_tools],
            sentry(client_secret) => Sentry [developer_tools],
            vercel(secret) => Vercel [developer_tools "sha1"],
            // Messaging.
            discord(public_key) => Discord [messaging "ed25519"],
            help_scout(secret) => HelpScout [messaging "sha1"],
            intercom(client_secret) => Intercom [messaging "sha1"],
            line(channel_secret) => Line [messaging],
            mailgun(signing_key) => Mailgun [messaging],
            meta(app_secret) => Meta [messaging],
            postmark(user_and_password) => Postmark [messaging],
            resend(secret) => Resend [messaging],
            sendgrid(public_key) => SendGrid [messaging "ecdsa"],
            slack(signing_secret) => Slack [messaging],
            telegram(secret_token) => Telegram [messaging],
            telnyx(public_key) => Telnyx [messaging "ed25519"],
            twilio(auth_token, url) => Twilio [messaging "sha1"],
            zoom(secret_token) => Zoom [messaging],
            // Commerce.
            asana(secret) => Asana [commerce],
            bigcommerce(client_secret) => BigCommerce [commerce],
            box_(signature_key) => BoxPlatform [commerce],
            docusign(key) => DocuSign [commerce],
            dropbox(app_secret) => Dropbox [commerce],
            dropbox_sign(api_key) => DropboxSign [commerce],
            easypost(secret) => EasyPost [commerce],
            sanity(secret) => Sanity [commerce],
            shopify(client_secret) => Shopify [commerce],
            webflow(secret) => Webflow [commerce],
            woocommerce(secret) => WooCommerce [commerce],
            // Customers: CRM and support.
            hubspot(client_secret, url) => HubSpot [customers],
            hubspot_v1(client_secret) => HubSpotV1 [customers],
            hubspot_v2(client_secret, url) => HubSpotV2 [customers],
            zendesk(secret) => Zendesk [customers],
            // AI.
            anthropic(secret) => Anthropic [ai],
            assemblyai(token) => AssemblyAi [ai],
            elevenlabs(secret) => ElevenLabs [ai],
            openai(secret) => OpenAi [ai],
            replicate(secret) => Replicate [ai],
            retell_ai(api_key) => RetellAi [ai],
            // Identity.
            clerk(secret) => Clerk [identity],
            okta(token) => Okta [identity],
            onfido(token) => Onfido [identity],
            supabase_auth(secret) => SupabaseAuth [identity],
            veriff(secret) => Veriff [identity],
            workos(secret) => WorkOs [identity],
            // Media.
            mux(secret) => Mux [media],
            twitch(secret) => Twitch [media],
            x(consumer_secret) => X [media],
            // Cloud.
            azure_event_grid(token) => AzureEventGrid [cloud],
        }
    };
}

/// Like `__for_each_provider!`, for the providers with typed events: `zeodyn => Zeodyn,`.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_typed_provider {
    ($callback:ident) => {
        $crate::__for_each_typed_provider! { [$callback] }
    };
    ([$($callback:tt)+] $($first:tt)*) => {
        $($callback)+! {
            $($first)*
            screenscore => ScreenScore,
            screenshotcenter => ScreenshotCenter,
            screenshotrun => ScreenshotRun,
            zeodyn => Zeodyn,
            geoscored => GeoScored,
        }
    };
}
